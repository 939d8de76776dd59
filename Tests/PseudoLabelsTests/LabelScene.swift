import Annotations
import DenseCRF
import PseudoLabels
import TensorCore
import TestSupport
import Testing

/// An image with boxes of classes 1...5, of which the network does not know class 5, and features by formula.
struct LabelScene: CustomTestStringConvertible {
    let testDescription: String
    let image: AnnotatedImage
    let features: Volume
    static let channels = 6

    init(_ name: String, width: Int, height: Int, features: (height: Int, width: Int), _ boxes: [LabelledBox]) {
        testDescription = name
        let pixels = Formula.uniform("\(name)/pixels", count: width * height * 3).enumerated().map { i, u in
            let pixel = i / 3
            let x = Double(pixel % width)
            let isObject = boxes.contains { x > $0.box.left + 2 && x < $0.box.right - 2 }
            return UInt8((isObject ? 150 : 60) + u * 30)
        }
        image = AnnotatedImage(
            width: width, height: height, pixels: pixels, boxes: boxes,
            backgroundMask: backgroundMask(boxes, width: width, height: height))
        let shape = Shape(1, features.height, features.width, LabelScene.channels)
        let values = Formula.values("\(name)/features", count: shape.count, offset: 0.4)
        self.features = Volume(shape, values.map { Double(max($0, 0)) })
    }

    static func box(_ classIndex: Int, _ left: Double, _ top: Double, _ right: Double, _ bottom: Double) -> LabelledBox
    {
        LabelledBox(classIndex: classIndex, box: Box(left: left, top: top, right: right, bottom: bottom))
    }

    static let all = [
        LabelScene(
            "two classes", width: 33, height: 41, features: (5, 4), [box(2, 4, 5, 20, 30), box(4, 12, 11, 31, 39)]),
        LabelScene(
            "overlapping boxes of one class", width: 40, height: 24, features: (4, 7),
            [box(3, 3, 2, 25, 20), box(3, 15.7, 6.2, 38.9, 22.5), box(1, 8, 8, 12, 12)]),
        LabelScene(
            "an edge moved by rounding", width: 152, height: 9, features: (2, 19), [box(1, 16, 1, 78, 8)]),
        LabelScene("a class never learned", width: 30, height: 30, features: (4, 4), [box(5, 5, 5, 25, 25)]),
        LabelScene(
            "no background", width: 21, height: 19, features: (3, 3),
            [box(1, 0, 0, 21, 19), box(2, 3, 3, 15, 16)]),
        LabelScene("no boxes", width: 17, height: 12, features: (2, 3), []),
        LabelScene("one feature", width: 19, height: 16, features: (1, 1), [box(1, 2, 3, 12, 13)]),
        LabelScene(
            "an empty box", width: 20, height: 14, features: (2, 3),
            [box(1, 3.2, 4, 3.9, 9), box(2, 5, 2, 15, 11)]),
    ]

    /// Every background with every foreground, and other grids.
    static func options() throws -> [LabelOptions] {
        let crf = try #require(CRFParameters([1, 20, 10, 0.5, 2]))
        return [
            LabelOptions(crf: crf), LabelOptions(background: .classMap, crf: crf),
            LabelOptions(foreground: .classAgnostic, crf: crf),
            LabelOptions(background: .classMap, foreground: .classAgnostic, crf: crf),
            LabelOptions(threshold: 0.8, grid: 2, crf: crf), LabelOptions(threshold: 0.5, grid: 3, crf: crf),
            LabelOptions(threshold: 0, grid: 4, crf: crf),
        ]
    }

    /// The classifier's rows, for classes 0...4.
    static let rows = (0..<5).map { Formula.values("weights \($0)", count: channels, offset: 0.3) }

    /// Calls `body` with the classifier's weights.
    static func withWeights<Result>(
        _ context: StepContext, _ body: (ClassWeights) throws -> Result
    ) rethrows -> Result {
        let tensor = context.workspace.tensor(Shape(1, 1, rows.count, channels), rows.flatMap { $0 })
        return try withExtendedLifetime(tensor) {
            try body(ClassWeights(rows: tensor.floats, channels: channels, rowOfClass: [0, 1, 2, 3, 4, nil]))
        }
    }

    /// The label maps of this image, or of other features.
    func label(_ options: LabelOptions, _ context: StepContext, features: Volume? = nil) throws -> PseudoLabelMaps {
        try LabelScene.withWeights(context) { weights in
            let labeler = PseudoLabeler(options, weights, workspace: context.workspace, pool: context.pool)
            return try labeler.label(image, features: (features ?? self.features).tensor(in: context.workspace))
        }
    }

    func twin(_ options: LabelOptions) -> NaiveLabels {
        let rows = LabelScene.rows.map { row in row.map { Double($0) } }
        return NaiveLabels(image, features: features, weights: rows + [nil], options: options)
    }

    func upsampled(_ context: StepContext) -> UpsampledFeatures {
        UpsampledFeatures(
            features.tensor(in: context.workspace), height: image.height, width: image.width,
            workspace: context.workspace, pool: context.pool)
    }
}
