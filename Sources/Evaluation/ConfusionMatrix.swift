/// How often each true class was predicted as each class: the mergeable sums behind every segmentation score.
///
/// Pixels whose truth is 255 are not counted. A prediction of 255 ("no label") has a column of its own; what it means
/// is decided when the scores are made.
package struct ConfusionMatrix: Equatable, Sendable {
    /// Number of classes, the background included.
    package let classCount: Int
    /// `classCount` rows (truth) of `classCount + 1` columns (prediction; the last one: no label). Sums over ranks of
    /// these are the counts of the whole.
    package private(set) var counts: [Int]

    /// A matrix of zeros.
    package init(classCount: Int) {
        precondition((1...255).contains(classCount), "\(classCount) classes")
        self.init(classCount: classCount, counts: [Int](repeating: 0, count: classCount * (classCount + 1)))
    }

    /// A matrix of these counts, laid out as `counts`.
    package init(classCount: Int, counts: [Int]) {
        precondition(
            counts.count == classCount * (classCount + 1), "\(counts.count) counts for \(classCount) classes")
        (self.classCount, self.counts) = (classCount, counts)
    }

    /// Pixels of class `truth` that were predicted as `prediction`.
    package subscript(truth truth: Int, prediction prediction: Int) -> Int {
        counts[truth * (classCount + 1) + prediction]
    }

    /// Pixels with a truth and without a prediction.
    package var undecided: Int { (0..<classCount).reduce(0) { $0 + self[truth: $1, prediction: classCount] } }

    /// Counts the pixels of one image; nothing is counted if it throws.
    ///
    /// - Parameters:
    ///   - prediction: Labels in 0..<`classCount`, or 255 for none.
    ///   - truth: As many labels in 0..<`classCount`, or 255 for "do not count".
    /// - Throws: `LabelOutOfRange`, for the first label that is none of these.
    package mutating func add(prediction: [UInt8], truth: [UInt8]) throws(LabelOutOfRange) {
        precondition(prediction.count == truth.count, "\(prediction.count) predictions for \(truth.count) true labels")
        try LabelOutOfRange.check(prediction, as: .prediction, classCount: classCount)
        try LabelOutOfRange.check(truth, as: .truth, classCount: classCount)
        counts.withUnsafeMutableBufferPointer { counts in
            prediction.withUnsafeBufferPointer { prediction in
                truth.withUnsafeBufferPointer { truth in
                    for pixel in 0..<truth.count where truth[pixel] != noLabel {
                        let column = min(Int(prediction[pixel]), classCount)
                        counts[Int(truth[pixel]) * (classCount + 1) + column] += 1
                    }
                }
            }
        }
    }

    /// Adds the counts of other images.
    package static func += (matrix: inout ConfusionMatrix, other: ConfusionMatrix) {
        precondition(
            matrix.classCount == other.classCount, "\(matrix.classCount) classes and \(other.classCount) classes")
        for i in matrix.counts.indices { matrix.counts[i] += other.counts[i] }
    }
}

/// A label that is neither a class nor 255.
package struct LabelOutOfRange: Error, Equatable, Sendable {
    /// Which of the two maps holds it.
    package enum Role: Sendable {
        case prediction, truth
    }

    package let role: Role
    package let label: UInt8
    /// Its place in the map, row after row.
    package let pixel: Int
    package let classCount: Int

    fileprivate static func check(_ labels: [UInt8], as role: Role, classCount: Int) throws(LabelOutOfRange) {
        guard let pixel = labels.firstIndex(where: { $0 >= classCount && $0 != noLabel }) else { return }
        throw LabelOutOfRange(role: role, label: labels[pixel], pixel: pixel, classCount: classCount)
    }
}

extension LabelOutOfRange: CustomStringConvertible {
    /// What is wrong, to be completed by a file's name.
    package var description: String {
        "label \(label) at pixel \(pixel), but there are only \(classCount) classes"
    }
}

private let noLabel: UInt8 = 255
