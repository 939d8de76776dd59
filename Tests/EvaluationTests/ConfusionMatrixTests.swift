import Evaluation
import Testing

@Suite struct ConfusionMatrixTests {
    @Test func pixelsAreCounted() throws {
        var matrix = ConfusionMatrix(classCount: 3)
        try matrix.add(prediction: [0, 1, 1, 2, 255, 0, 255], truth: [0, 1, 2, 2, 2, 255, 255])
        #expect(matrix.counts == [1, 0, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1])
        #expect(matrix[truth: 2, prediction: 1] == 1)
        #expect(matrix[truth: 2, prediction: 3] == 1)
    }

    @Test func sumsOfPartsAreTheWhole() throws {
        let prediction = pseudoRandomLabels(seed: 1), truth = pseudoRandomLabels(seed: 2)
        var whole = ConfusionMatrix(classCount: 21), parts = whole
        try whole.add(prediction: prediction, truth: truth)
        for start in stride(from: 0, to: truth.count, by: 1000) {
            var part = ConfusionMatrix(classCount: 21)
            try part.add(
                prediction: [UInt8](prediction[start..<(start + 1000)]), truth: [UInt8](truth[start..<(start + 1000)]))
            parts += part
        }
        #expect(parts == whole)
        #expect(ConfusionMatrix(classCount: 21, counts: whole.counts) == whole)
        #expect(whole.counts.reduce(0, +) == truth.filter { $0 != 255 }.count)
    }

    @Test func labelsOutOfRangeAreErrorsAndCountNothing() {
        var matrix = ConfusionMatrix(classCount: 21)
        let predicted = #expect(throws: LabelOutOfRange.self) {
            try matrix.add(prediction: [0, 1, 21], truth: [0, 1, 255])
        }
        #expect(predicted?.role == .prediction && predicted?.label == 21 && predicted?.pixel == 2)
        let given = #expect(throws: LabelOutOfRange.self) {
            try matrix.add(prediction: [0, 1, 2], truth: [0, 254, 1])
        }
        #expect(given?.role == .truth)
        #expect(given?.description == "label 254 at pixel 1, but there are only 21 classes")
        #expect(matrix == ConfusionMatrix(classCount: 21))
    }

    @Test func allBytesCanBeClasses() throws {
        var matrix = ConfusionMatrix(classCount: 255)
        let labels = (0...255).map { UInt8($0) }
        try matrix.add(prediction: labels, truth: labels)
        #expect(matrix.counts.reduce(0, +) == 255)
        #expect((0..<255).allSatisfy { matrix[truth: $0, prediction: $0] == 1 })
    }
}

/// 10,000 labels of 0...20, and some 255.
func pseudoRandomLabels(seed: UInt64) -> [UInt8] {
    var state = seed
    return (0..<10_000).map { _ in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let label = UInt8(state >> 33 & 31)
        return label > 20 ? (label > 28 ? 255 : 0) : label
    }
}
