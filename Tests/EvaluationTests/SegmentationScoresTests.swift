import Evaluation
import Foundation
import Testing

private let names = ["background", "cat", "dog", "sofa"]

@Suite struct SegmentationScoresTests {
    /// Truth: 6 background, 3 cat, 1 dog, no sofa.
    private func example(missing: MissingPrediction) throws -> SegmentationScores {
        var matrix = ConfusionMatrix(classCount: 4)
        try matrix.add(
            prediction: [0, 0, 0, 0, 1, 255, 1, 1, 0, 0, 3], truth: [0, 0, 0, 0, 0, 0, 1, 1, 1, 2, 255])
        return try #require(matrix.scores(classNames: names, missing: missing))
    }

    @Test func missesByHand() throws {
        let scores = try example(missing: .wrong)
        // Background: 4 right, 6 true, 6 predicted; cat: 2, 3, 3; dog: 0, 1, 0.
        #expect(scores.perClassIoU.map(\.name) == names)
        #expect(scores.perClassIoU.map(\.iou) == [0.5, 0.5, 0, nil])
        #expect(scores.meanIoU == 1.0 / 3)
        #expect(scores.pixelAccuracy == 0.6)
        #expect(isClose(scores.meanAccuracy, 4.0 / 9))
        #expect(isClose(scores.frequencyWeightedIoU, 0.45))
    }

    @Test func pixelsLeftOutByHand() throws {
        let scores = try example(missing: .ignored)
        let ofBackground = 4.0 / 7
        #expect(scores.perClassIoU.map(\.iou) == [ofBackground, 0.5, 0, nil])
        #expect(isClose(scores.meanIoU, (ofBackground + 0.5) / 3))
        #expect(isClose(scores.pixelAccuracy, 6.0 / 9))
        #expect(isClose(scores.meanAccuracy, 22.0 / 45))
        #expect(isClose(scores.frequencyWeightedIoU, (5 * ofBackground + 3 * 0.5) / 9))
    }

    @Test func aClassOnlyPredictedCountsAsZero() throws {
        var matrix = ConfusionMatrix(classCount: 4)
        try matrix.add(prediction: [0, 0, 3], truth: [0, 0, 0])
        let scores = try #require(matrix.scores(classNames: names, missing: .wrong))
        let ofBackground = 2.0 / 3
        #expect(scores.perClassIoU.map(\.iou) == [ofBackground, nil, nil, 0])
        #expect(scores.meanIoU == 1.0 / 3)
        #expect(scores.meanAccuracy == 2.0 / 3)
    }

    @Test func aClassWhosePixelsAllLackAPredictionIsMissedOrAbsent() throws {
        var matrix = ConfusionMatrix(classCount: 2)
        try matrix.add(prediction: [0, 255], truth: [0, 1])
        let missed = matrix.scores(classNames: ["background", "cat"], missing: .wrong)
        #expect(missed?.perClassIoU.map(\.iou) == [1, 0])
        let left = matrix.scores(classNames: ["background", "cat"], missing: .ignored)
        #expect(left?.perClassIoU.map(\.iou) == [1, nil])
    }

    @Test func nothingCountedIsNoScore() throws {
        var matrix = ConfusionMatrix(classCount: 4)
        try matrix.add(prediction: [1, 2], truth: [255, 255])
        #expect(matrix.scores(classNames: names, missing: .wrong) == nil)
        try matrix.add(prediction: [255], truth: [0])
        #expect(matrix.scores(classNames: names, missing: .ignored) == nil)
        #expect(matrix.scores(classNames: names, missing: .wrong)?.meanIoU == 0)
    }

    @Test func setsOfPixelsGiveTheSame() throws {
        let prediction = pseudoRandomLabels(seed: 5), truth = pseudoRandomLabels(seed: 7)
        var matrix = ConfusionMatrix(classCount: 21)
        try matrix.add(prediction: prediction, truth: truth)
        let names = (0..<21).map(String.init)
        let scores = try #require(matrix.scores(classNames: names, missing: .wrong))
        let counted = truth.indices.filter { truth[$0] != 255 }
        for label in 0..<21 {
            let inTruth = Set(counted.filter { truth[$0] == label })
            let inPrediction = Set(counted.filter { prediction[$0] == label })
            let iou = Double(inTruth.intersection(inPrediction).count) / Double(inTruth.union(inPrediction).count)
            #expect(scores.perClassIoU[label].iou == iou)
        }
    }

    @Test func jsonHasTheDocumentedKeys() throws {
        let scores = try example(missing: .wrong)
        let data = try JSONEncoder().encode(scores)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(object.keys.sorted() == ["fw_iou", "mIoU", "mean_accuracy", "per_class_iou", "pixel_accuracy"])
        let classes = try #require(object["per_class_iou"] as? [String: Any])
        #expect(classes["cat"] as? Double == 0.5)
        #expect(classes["sofa"] is NSNull)
        #expect(try JSONDecoder().decode(SegmentationScores.self, from: data) == scores)
    }

    @Test func severalScoresAreColumnsOfOneTable() throws {
        let columns = [("open left out", try example(missing: .ignored)), ("wrong", try example(missing: .wrong))]
        let lines = SegmentationScores.table(columns).split(separator: "\n")
        #expect(lines[0] == "class                   open left out   wrong")
        #expect(lines[1] == "---------------------------------------------")
        #expect(lines[5] == "sofa                                -       -")
        #expect(lines[7].hasPrefix("mean IoU   ") && lines[7].hasSuffix("   33.33"))
        #expect(lines.allSatisfy { $0.count == lines[0].count })
    }

    @Test func theTableIsForReaders() throws {
        let expected = """
            class                    IoU %
            ------------------------------
            background               50.00
            cat                      50.00
            dog                       0.00
            sofa                         -
            ------------------------------
            mean IoU                 33.33
            pixel accuracy           60.00
            mean accuracy            44.44
            frequency-weighted IoU   45.00
            """
        #expect(try example(missing: .wrong).table == expected)
    }
}

private func isClose(_ a: Double, _ b: Double) -> Bool {
    abs(a - b) < 1e-12
}
