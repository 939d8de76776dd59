import Layers
import TensorCore
import TestSupport
import Testing

/// A batch of images, what is in them, and how they are pooled.
struct BoxPoolingCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var images: [ImageRegions]
    /// Rows and columns of the feature map.
    var height = 8
    var width = 8
    var channels = 5
    var grid = 4
    var roi = 2
    var usesAttention = true
    /// Features around 0 or, as behind a relu, not negative.
    var arePositive = false

    var features: Volume {
        Volume(
            Shape(images.count, height, width, channels), formula: testDescription, scale: arePositive ? 0.5 : 1,
            offset: arePositive ? 0.5 : 0)
    }

    var layer: BackgroundAwarePooling {
        BackgroundAwarePooling(grid: grid, roi: roi, usesAttention: usesAttention)
    }

    /// An image whose mask follows from its boxes: 0 from the truncated left and top to the truncated right and bottom.
    static func image(_ height: Int, _ width: Int, _ boxes: [[Float]], isEverywhereBackground: Bool = false)
        -> ImageRegions
    {
        var mask = [UInt8](repeating: 1, count: height * width)
        for box in boxes where !isEverywhereBackground {
            for y in max(0, Int(box[1]))..<min(height, Int(box[3])) {
                for x in max(0, Int(box[0]))..<min(width, Int(box[2])) { mask[y * width + x] = 0 }
            }
        }
        let regions = boxes.enumerated().map { number, box in
            RegionBox(label: 1 + number, left: box[0], top: box[1], right: box[2], bottom: box[3])
        }
        return ImageRegions(height: height, width: width, boxes: regions, backgroundMask: mask)
    }

    private static let usual = image(64, 64, [[8, 10, 40, 50], [30, 5, 61, 33]])

    static let all = [
        BoxPoolingCase(testDescription: "two boxes", images: [usual]),
        BoxPoolingCase(testDescription: "behind a relu", images: [usual], arePositive: true),
        BoxPoolingCase(testDescription: "average pooling", images: [usual], usesAttention: false),
        BoxPoolingCase(testDescription: "one cell", images: [usual], grid: 1),
        BoxPoolingCase(testDescription: "one window", images: [usual], roi: 1),
        BoxPoolingCase(testDescription: "three windows, overlapping", images: [usual], roi: 3),
        BoxPoolingCase(testDescription: "one channel", images: [usual], channels: 1),
        BoxPoolingCase(
            testDescription: "an odd pad of rows, an even one of columns", images: [image(57, 79, [[8, 10, 40, 50]])],
            height: 11,
            width: 10),
        BoxPoolingCase(
            testDescription: "a pad of three", images: [image(57, 79, [[8, 10, 40, 50]])], height: 9, width: 13),
        BoxPoolingCase(
            testDescription: "fewer rows than cells", images: [image(20, 30, [[8, 2, 20, 12]])], height: 3, width: 5),
        BoxPoolingCase(
            testDescription: "partly outside, as a crop leaves them",
            images: [image(41, 49, [[0, 0, 50, 20], [30, 25, 50, 42], [0, 12.5, 7.25, 42]])], height: 6, width: 7),
        BoxPoolingCase(
            testDescription: "beyond every edge", images: [image(41, 49, [[-6, 3, 20, 20], [30, -9.5, 60, 55]])],
            height: 6,
            width: 7),
        BoxPoolingCase(
            testDescription: "tiny",
            images: [image(64, 64, [[20, 20, 21, 21], [3.5, 40, 4.25, 60], [0, 0, 1, 1], [40, 8, 60, 9]])]),
        BoxPoolingCase(
            testDescription: "tiny, three windows", images: [image(64, 64, [[20, 20, 31, 21], [3.5, 40, 4.25, 60]])],
            roi: 3),
        BoxPoolingCase(testDescription: "fractions", images: [image(57, 79, [[8.4, 10.9, 40.1, 50.5]])]),
        BoxPoolingCase(testDescription: "no background", images: [image(64, 64, [[0, 0, 64, 64], [8, 8, 30, 30]])]),
        BoxPoolingCase(
            testDescription: "a twelfth of background", images: [image(60, 60, [[0, 0, 60, 55], [8, 8, 30, 30]])]),
        BoxPoolingCase(testDescription: "exactly an eighth of background", images: [image(64, 64, [[0, 0, 64, 56]])]),
        BoxPoolingCase(testDescription: "a little more than an eighth", images: [image(64, 64, [[0, 0, 64, 55]])]),
        BoxPoolingCase(testDescription: "no boxes", images: [image(64, 64, [])]),
        BoxPoolingCase(
            testDescription: "all kinds in one batch",
            images: [
                usual, image(64, 64, []), image(64, 64, [[0, 0, 64, 64]]), image(64, 64, [[20, 20, 21, 21]]), usual,
            ]),
        BoxPoolingCase(
            testDescription: "a box that is background",
            images: [image(64, 64, [[8, 8, 40, 40]], isEverywhereBackground: true)], arePositive: true),
        BoxPoolingCase(testDescription: "no images", images: []),
    ]
}

/// What the tape says of a case: pooled vectors, labels, and the features' gradient of sum(r * vectors).
private struct Wanted {
    let vectors: [Double]
    let labels: [Int32]
    let gradient: [Double]
    /// r.
    let dVectors: [Float]

    init(_ test: BoxPoolingCase) {
        let (tape, features) = (Tape(), test.features)
        let variables = tape.variables(features.values)
        let size = test.height * test.width
        let pooled = test.images.enumerated().map { image, region in
            NaiveBackgroundAwarePooling(
                height: test.height, width: test.width,
                features: (image * size..<(image + 1) * size).map { pixel in
                    Array(variables[pixel * test.channels..<(pixel + 1) * test.channels])
                }, region: region, grid: test.grid, roi: test.roi, usesAttention: test.usesAttention
            ).pooled()
        }
        let all = pooled.flatMap(\.vectors).flatMap { $0 }
        vectors = all.values
        labels = pooled.flatMap(\.labels)
        dVectors = Formula.values("dVectors", count: all.count)
        gradient = tape.gradient(of: all.dot(dVectors.map { Real(Double($0)) }), by: variables)
    }
}

@Suite struct BackgroundAwarePoolingTests {
    @Test(arguments: BoxPoolingCase.all) func isItsFormula(_ test: BoxPoolingCase) throws {
        let (wanted, context) = (Wanted(test), makeContext())
        let (pooled, saved) = test.layer.forward(test.features.tensor(in: context.workspace), test.images, context)
        #expect(pooled.labels == wanted.labels)
        #expect(relativeError(pooled.vectors.elements, wanted.vectors) < 1e-5)
        let dVectors = context.workspace.tensor(pooled.vectors.shape, wanted.dVectors)
        let gradient = test.layer.backward(dVectors, try #require(saved), context)
        #expect(relativeError(gradient.elements, wanted.gradient) < 2e-5)
    }

    @Test(arguments: BoxPoolingCase.all) func theBitsDoNotDependOnTheThreads(_ test: BoxPoolingCase) {
        #expect(
            isIndependentOfThreads { context in
                let (pooled, saved) = test.layer.forward(
                    test.features.tensor(in: context.workspace), test.images, context)
                guard let saved else { return [.nan] }
                let dVectors = context.workspace.tensor(
                    pooled.vectors.shape, Formula.values("dVectors", count: pooled.vectors.count))
                return pooled.vectors.elements + test.layer.backward(dVectors, saved, context).elements
            })
    }

    /// By hand: a 2x2 map whose left half is background, one box over the right half.
    @Test func aCaseByHand() {
        // Sample points of the box: columns from 2 to 4 of 4 pixels (g = 1/3 .. 5/3), rows from 0 to 4.
        let mask: [UInt8] = [1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0]
        let region = ImageRegions(
            height: 4, width: 4, boxes: [RegionBox(label: 7, left: 2, top: 0, right: 4, bottom: 4)],
            backgroundMask: mask)
        let context = makeContext(.inference)
        // Background (1, 0) on the left, (3, 4) on the right.
        let features = context.workspace.tensor(Shape(1, 2, 2, 2), [1, 0, 3, 4, 1, 0, 3, 4])
        let layer = BackgroundAwarePooling(grid: 1, roi: 1, usesAttention: true)
        let (pooled, saved) = layer.forward(features, [region], context)
        // Along x: g = 2/1.5 - 1 = 1/3 and 4/1.5 - 1 = 5/3; cells floor(2/3) = 0 to ceil(4/3) = 2: two samples at
        // ((1/3 + 1) 2 - 1)/2 = 5/6 and ((5/3 + 1) 2 - 1)/2 = 13/6, the latter outside.
        // Along y: g = -1 and 5/3; two samples at -1/2, half outside, and 13/6, outside.
        // The one sample with features: (1/6 (1, 0) + 5/6 (3, 4)) / 2 = (4/3, 5/3), cos with (1, 0) = 4 / sqrt(41).
        // The three others are zero and weigh 1.
        let weight = 1 - 4 / 41.0.squareRoot()
        let share = weight / (weight + 3)
        #expect(pooled.labels == [7, 0])
        #expect(relativeError(pooled.vectors.elements, [4.0 / 3 * share, 5.0 / 3 * share, 1, 0]) < 1e-6)
        #expect(saved == nil)
    }

    @Test func regionsMustMatchTheImages() async {
        await #expect(processExitsWith: .failure) {
            let context = makeContext()
            let features = context.workspace.zeros(Shape(2, 4, 4, 3))
            let region = ImageRegions(height: 4, width: 4, boxes: [], backgroundMask: [UInt8](repeating: 1, count: 16))
            _ = BackgroundAwarePooling(grid: 2, roi: 2, usesAttention: true).forward(features, [region], context)
        }
        await #expect(processExitsWith: .failure) {
            _ = ImageRegions(height: 4, width: 4, boxes: [], backgroundMask: [1])
        }
    }
}
