import Annotations
import Datasets
import FileAccess
import Foundation
import ImageFiles
import Shapes
import TensorCore
import TestSupport
import Testing

@Suite struct ShapesTests {
    private let few = ShapesOptions(trainingImages: 12, validationImages: 3, size: 64)

    private func generate(_ options: ShapesOptions, threads: Int = 2, to folder: String) throws {
        try generateShapes(to: folder, options, ThreadPool(threadCount: threads))
    }

    /// Every file of a folder by its name.
    private func files(_ folder: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: folder) where !isDirectory(join(folder, name)) {
            files[name] = Data(try readFile(join(folder, name)))
        }
        return files
    }

    private func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
        bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }

    /// Published results name this data set: a picture must stay as it is, to the bit.
    @Test(
        arguments: [
            (0, 3_032_682_556_524_636_766, 3_463_790_192_480_593_639),
            (1, 13_083_668_169_793_432_669, 18_151_204_647_473_052_739),
            (399, 9_590_241_201_845_565_473, 14_474_222_202_489_450_981),
            (1 << 32, 14_121_343_921_059_614_227, 5_623_083_404_931_578_513),
        ] as [(UInt64, UInt64, UInt64)])
    func theDataSetIsFrozen(number: UInt64, image: UInt64, labels: UInt64) {
        let picture = ShapesPicture(number: number, size: 128, seed: 13)
        #expect(checksum(picture.image.pixels) == image)
        #expect(checksum(picture.labels.pixels) == labels)
    }

    @Test func theSameFilesComeFromAnyNumberOfThreads() throws {
        try withTemporaryFolder { folder in
            try generate(few, threads: 1, to: join(folder, "a"))
            try generate(few, threads: 3, to: join(folder, "b"))
            let (a, b) = (try files(join(folder, "a")), try files(join(folder, "b")))
            #expect(a.count == 3 * 15 + 3)
            #expect(a == b)
        }
    }

    @Test func moreImagesLeaveTheFirstOnesAlone() throws {
        try withTemporaryFolder { folder in
            try generate(few, to: join(folder, "a"))
            try generate(ShapesOptions(trainingImages: 2, validationImages: 4, size: 64), to: join(folder, "b"))
            let (a, b) = (try files(join(folder, "a")), try files(join(folder, "b")))
            for name in b.keys where a[name] != nil && !name.hasSuffix(".txt") {
                #expect(a[name] == b[name], "\(name)")
            }
            try generate(
                ShapesOptions(trainingImages: 2, validationImages: 4, size: 64, seed: 14), to: join(folder, "c"))
            let c = try files(join(folder, "c"))
            #expect(b["JPEGImages/train_00000.jpg"] != c["JPEGImages/train_00000.jpg"])
        }
    }

    @Test func boxesHoldTheirObjectsAndNotLittleBackground() throws {
        try withTemporaryFolder { folder in
            try generate(ShapesOptions(trainingImages: 60, validationImages: 1), to: folder)
            let classes = try ClassList(shapesClasses)
            let dataset = try VOCDataset(root: folder, split: "train", classes: classes)
            var overlap = Overlap(classes: classes.count)
            for index in 0..<dataset.count {
                #expect(dataset.inspect(at: index, .boxes) == [])
                let (sample, truth) = (try dataset.load(at: index, .boxes), try dataset.truth(at: index))
                #expect((96...160).contains(truth.width) && (96...160).contains(truth.height))
                #expect((1...4).contains(sample.boxes.count))
                let outside = sample.backgroundMask?.pixels ?? []
                #expect(zip(outside, truth.pixels).allSatisfy { $0 == 0 || $1 == 0 || $1 == 255 })
                overlap.add(filledBoxes(sample.boxes, width: truth.width, height: truth.height), truth)
            }
            #expect((0.55...0.70).contains(overlap.mean), "\(overlap.mean)")
        }
    }

    @Test func anotherDataSetIsNotMixedIn() throws {
        try withTemporaryFolder { folder in
            try generate(few, to: folder)
            try generate(few, to: folder)
            _ = try write("mine\n", to: "classes.txt", in: folder)
            #expect(
                message { try generate(few, to: folder) }
                    == "\(folder): another data set is in this folder; name a new folder")
        }
    }

    /// Stopped at any moment: before the lists, between them, or with half of the pictures.
    @Test(arguments: [["ImageSets"], ["ImageSets/Segmentation/val.txt"], ["ImageSets", "JPEGImages/train_00003.jpg"]])
    func anUnfinishedSetIsCompleted(_ missing: [String]) throws {
        try withTemporaryFolder { folder in
            try generate(few, to: folder)
            let whole = try files(folder)
            for name in missing { try FileManager.default.removeItem(atPath: join(folder, name)) }
            try generate(few, to: folder)
            #expect(try files(folder) == whole)
        }
    }

    @Test func optionsHaveTheirLimits() {
        let none = message { try generate(ShapesOptions(trainingImages: 0), to: "/nowhere") }
        #expect(none == "0 training images; 1 to 100000 are possible")
        let small = message { try generate(ShapesOptions(size: 8), to: "/nowhere") }
        #expect(small == "8 pixels as the images' size; 32 to 2048 are possible")
    }

    @Test func filesThatCannotBeWrittenAreErrors() {
        #expect(message { try generate(few, to: "/proc/shapes") }.hasPrefix("/proc/shapes"))
    }

    @Test func cocoHasTheSamePicturesWithAMaskForEachObject() throws {
        try withTemporaryFolder { folder in
            var options = few
            try generate(options, to: join(folder, "voc"))
            options.layout = .coco
            try generate(options, to: join(folder, "coco"))
            let voc = try VOCDataset(root: join(folder, "voc"), split: "train", classes: try ClassList(shapesClasses))
            let coco = try COCODataset(
                annotations: join(folder, "coco/annotations/instances_train.json"), images: join(folder, "coco/train"),
                classes: try ClassList(shapesClasses))
            #expect(coco.count == 12)
            #expect(Set(coco.instances.images.map(\.id)) == Set(1...12))
            for index in 0..<12 {
                let (sample, other) = (try coco.load(at: index, .boxes), try voc.load(at: index, .boxes))
                #expect(sample.image.pixels == other.image.pixels)
                #expect(sample.boxes == other.boxes)
                try compareMasks(of: coco, with: try voc.truth(at: index), at: index)
            }
        }
    }

    /// Pixels with a class are those of one object of that class; the others belong to none, or lie at an outline.
    private func compareMasks(of coco: COCODataset, with truth: LabelMap, at index: Int) throws {
        var classes = [UInt8](repeating: 0, count: truth.pixels.count)
        for object in coco.instances.objects(of: index) {
            let mask = try #require(try coco.instances.mask(of: object, in: index))
            #expect(Double(mask.area) == object.area)
            for (pixel, isInside) in mask.pixels.enumerated() where isInside == 1 {
                #expect(classes[pixel] == 0)
                classes[pixel] = UInt8(object.category)
            }
        }
        for (label, found) in zip(truth.pixels, classes) where label != 255 { #expect(label == found) }
    }
}

/// Intersections and unions of a labelling with the truth.
private struct Overlap {
    private var intersection: [Double]
    private var union: [Double]

    init(classes: Int) {
        intersection = [Double](repeating: 0, count: classes)
        union = intersection
    }

    mutating func add(_ labels: LabelMap, _ truth: LabelMap) {
        for (label, actual) in zip(labels.pixels, truth.pixels) where actual != 255 {
            union[Int(actual)] += 1
            if label == actual { intersection[Int(actual)] += 1 } else { union[Int(label)] += 1 }
        }
    }

    /// The mean over the classes.
    var mean: Double {
        zip(intersection, union).reduce(0) { $0 + $1.0 / $1.1 } / Double(union.count)
    }
}
