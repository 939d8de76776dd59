import Annotations
import Datasets
import FileAccess
import Foundation
import ImageFiles
import Testing

/// Images whose every value is their index, in memory.
private struct NumberedImages: Dataset {
    var classes = ClassList.voc
    var count = 10
    var sizes: [(width: Int, height: Int)] = [(4, 3)]
    var broken: Set<Int> = []
    let warnings: [Diagnostic] = []

    func id(at index: Int) -> String { "image \(index)" }

    func load(at index: Int, _ contents: SampleContents) throws -> Sample {
        // Later samples come sooner, so that threads overtake each other.
        usleep(UInt32(200 * (count - index)))
        if broken.contains(index) { throw InputError("damaged", file: id(at: index)) }
        let (width, height) = sizes[index % sizes.count]
        let map = LabelMap(
            width: width, height: height, pixels: [UInt8](repeating: UInt8(index), count: width * height))
        var sample = Sample(
            id: id(at: index),
            image: RGBImage(
                width: width, height: height, pixels: [UInt8](repeating: UInt8(index), count: width * height * 3)))
        if contents.contains(.boxes) {
            sample.boxes = [box(0, 0, Double(index + 1), 1)]
            sample.backgroundMask = map
        }
        if contents.contains(.labels) { (sample.crfLabels, sample.retrievalLabels) = (map, map) }
        return sample
    }

    func hasTruth(at index: Int) -> Bool { false }
    func truth(at index: Int) throws -> LabelMap { throw InputError("no truth") }
    func inspect(at index: Int, _ contents: SampleContents) -> [Diagnostic] { [] }
}

@Suite struct LoaderTests {
    private func stream(
        _ dataset: NumberedImages, _ contents: SampleContents = .boxes, _ augmentation: Augmentation = Augmentation(),
        shuffle: Bool = false
    ) -> SampleStream {
        SampleStream(
            of: dataset, contents, augmentation: augmentation, normalization: .torchvision, shuffle: shuffle, seed: 13)
    }

    /// The ids of some iterations of a loader.
    private func ids(_ loader: Loader, _ iterations: Int) throws -> [[String]] {
        try (0..<iterations).map { _ in try loader.next().items.map(\.id) }
    }

    @Test(arguments: [1, 2, 5])
    func batchesComeInTheOrderOfTheStream(threads: Int) throws {
        let loader = Loader(stream(NumberedImages()), batch: 4, slice: 0..<4, threads: threads)
        for iteration in 0..<7 {
            let batch = try loader.next()
            #expect(batch.iteration == iteration)
            #expect(batch.width == 4 && batch.height == 3)
            let positions = Array(4 * iteration..<4 * iteration + 4)
            #expect(batch.items.map(\.position) == positions.map(UInt64.init))
            #expect(batch.items.map(\.id) == positions.map { "image \($0 % 10)" })
            #expect(batch.items.map(\.boxes) == positions.map { [box(0, 0, Double($0 % 10 + 1), 1)] })
            let pixels = Array(batch.images)
            #expect(pixels.count == 4 * 12 * 3)
            for (index, position) in positions.enumerated() {
                let red = (Float(position % 10) / 255 - 0.485) / 0.229
                #expect(pixels[index * 36] == red)
                #expect(pixels[index * 36 + 33] == red)
            }
            #expect(Array(batch.backgroundMasks) == positions.flatMap { [UInt8](repeating: UInt8($0 % 10), count: 12) })
            #expect(batch.crfLabels.isEmpty && batch.retrievalLabels.isEmpty)
        }
    }

    @Test func labelsComeWithTheImages() throws {
        let loader = Loader(stream(NumberedImages(), .labels), batch: 2, slice: 0..<2, from: 1)
        let batch = try loader.next()
        let expected = [UInt8](repeating: 2, count: 12) + [UInt8](repeating: 3, count: 12)
        #expect(Array(batch.crfLabels) == expected)
        #expect(Array(batch.retrievalLabels) == expected)
        #expect(batch.backgroundMasks.isEmpty)
    }

    @Test func slicesTogetherAreTheGlobalBatch() throws {
        let whole = try ids(Loader(stream(NumberedImages(), shuffle: true), batch: 5, slice: 0..<5), 6)
        let slices = try [0..<2, 2..<4, 4..<5, 5..<5].map {
            try ids(Loader(stream(NumberedImages(), shuffle: true), batch: 5, slice: $0), 6)
        }
        for iteration in 0..<6 { #expect(slices.flatMap { $0[iteration] } == whole[iteration]) }
        #expect(Set(whole[0] + whole[1]).count == 10)
    }

    @Test func aResumedStreamGoesOn() throws {
        let augmentation = Augmentation(scale: 0.5...1.5, crop: 5, flip: 0.5, brightness: 0.5)
        func pixels(from first: Int) throws -> [Float] {
            let loader = Loader(
                stream(NumberedImages(), .boxes, augmentation, shuffle: true), batch: 3, slice: 1..<3, from: first)
            for _ in first..<5 { _ = try loader.next() }
            let batch = try loader.next()
            #expect(batch.iteration == 5)
            return Array(batch.images)
        }
        #expect(try pixels(from: 0) == pixels(from: 5))
        #expect(try pixels(from: 0).count == 2 * 5 * 5 * 3)
    }

    @Test func memoryIsUsedAgain() throws {
        let loader = Loader(stream(NumberedImages()), batch: 2, slice: 0..<2, ahead: 2)
        var addresses: [Int] = []
        for _ in 0..<20 { addresses.append(Int(bitPattern: try loader.next().images.baseAddress)) }
        #expect(Set(addresses).count <= 3)
    }

    @Test func anEmptySliceHasEmptyBatches() throws {
        let loader = Loader(stream(NumberedImages()), batch: 2, slice: 2..<2, from: 7)
        for iteration in 7..<12 {
            let batch = try loader.next()
            #expect(batch.iteration == iteration)
            #expect(batch.items.isEmpty && batch.images.isEmpty)
        }
    }

    @Test(arguments: [1, 3])
    func errorsSurfaceWhereTheyBelong(threads: Int) throws {
        let dataset = NumberedImages(broken: [4, 5])
        let loader = Loader(stream(dataset), batch: 3, slice: 0..<3, threads: threads)
        #expect(try loader.next().items.count == 3)
        #expect(throws: InputError("damaged", file: "image 4")) { try loader.next() }
        #expect(try loader.next().items.map(\.id) == ["image 6", "image 7", "image 8"])
    }

    @Test func wholeImagesOfABatchMustHaveOneSize() throws {
        let dataset = NumberedImages(sizes: [(4, 3), (3, 4)])
        let loader = Loader(stream(dataset), batch: 2, slice: 0..<2, threads: 1)
        #expect(
            throws: InputError(
                "'image 0' has 4x3 pixels and 'image 1' 3x4, but all images of a batch must have one size",
                remedy: "set data.crop, or solver.batch to 1")
        ) { try loader.next() }
    }

    @Test func batchesOfOneImageMayDifferInSize() throws {
        let loader = Loader(stream(NumberedImages(sizes: [(1, 1), (7, 2), (3, 4)])), batch: 1, slice: 0..<1)
        for expected in [[1, 1], [7, 2], [3, 4], [1, 1]] {
            let batch = try loader.next()
            #expect(batch.width == expected[0] && batch.height == expected[1])
            #expect(batch.images.count == expected[0] * expected[1] * 3)
            #expect(batch.backgroundMasks.count == expected[0] * expected[1])
        }
    }

    @Test func waitingIsMeasuredAndALoaderCanBeLeftEarly() throws {
        for _ in 0..<20 {
            let loader = Loader(stream(NumberedImages()), batch: 3, slice: 0..<3, threads: 2)
            _ = try loader.next()
            #expect(loader.secondsWaited > 0.0005)
        }
    }
}
