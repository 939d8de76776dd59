/// What a prediction of 255 ("no label") counts as where there is a true label.
package enum MissingPrediction: Sendable {
    /// The pixel is left out, as if its truth were 255.
    case ignored
    /// The pixel is a miss of its true class, and no false alarm of any.
    case wrong
}

/// How well label maps agree with the truth, over a whole set of images. All are fractions of 1.
package struct SegmentationScores: Equatable, Sendable {
    /// A class's intersection over union; `nil` if it occurs neither in the truth nor in a prediction.
    package struct ClassIoU: Equatable, Sendable {
        package let name: String
        package let iou: Double?

        package init(name: String, iou: Double?) {
            (self.name, self.iou) = (name, iou)
        }
    }

    /// Mean IoU over the classes that occur in the truth or in a prediction.
    package let meanIoU: Double
    package let perClassIoU: [ClassIoU]
    /// The share of all pixels that is predicted right.
    package let pixelAccuracy: Double
    /// The mean, over the classes in the truth, of the share of a class's pixels that is predicted right.
    package let meanAccuracy: Double
    /// The mean of the classes' IoU, weighted by their share of the true pixels.
    package let frequencyWeightedIoU: Double
}

extension ConfusionMatrix {
    /// The scores of what was counted; `nil` if no pixel was.
    ///
    /// - Parameters:
    ///   - classNames: One for each class, in order.
    ///   - missing: What predictions of 255 count as.
    package func scores(classNames: [String], missing: MissingPrediction) -> SegmentationScores? {
        precondition(classNames.count == classCount, "\(classNames.count) names for \(classCount) classes")
        let classes = (0..<classCount).map { tally(of: $0, missing: missing) }
        let pixels = classes.reduce(0) { $0 + $1.truth }
        guard pixels > 0 else { return nil }
        let ious = classes.map(\.iou)
        return SegmentationScores(
            meanIoU: mean(ious.compactMap { $0 }),
            perClassIoU: zip(classNames, ious).map { SegmentationScores.ClassIoU(name: $0, iou: $1) },
            pixelAccuracy: Double(classes.reduce(0) { $0 + $1.right }) / Double(pixels),
            meanAccuracy: mean(classes.filter { $0.truth > 0 }.map { Double($0.right) / Double($0.truth) }),
            frequencyWeightedIoU: classes.reduce(0) { $0 + Double($1.truth) / Double(pixels) * ($1.iou ?? 0) })
    }

    private func tally(of index: Int, missing: MissingPrediction) -> ClassTally {
        let columns = missing == .wrong ? classCount + 1 : classCount
        return ClassTally(
            truth: (0..<columns).reduce(0) { $0 + self[truth: index, prediction: $1] },
            prediction: (0..<classCount).reduce(0) { $0 + self[truth: $1, prediction: index] },
            right: self[truth: index, prediction: index])
    }
}

/// Pixels of one class: in the truth, in the prediction, in both.
private struct ClassTally {
    let truth: Int
    let prediction: Int
    let right: Int

    var iou: Double? {
        let union = truth + prediction - right
        return union > 0 ? Double(right) / Double(union) : nil
    }
}

private func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(values.count)
}
