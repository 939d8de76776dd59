import FileAccess
import ImageFiles

/// Folders of pseudo labels, `ID.png` in each; a loss that needs but one kind leaves the other out.
struct PseudoLabelSource: Sendable {
    let crf: String?
    let retrieval: String?

    /// Reads an image's labels.
    func load(into sample: inout Sample, classCount: Int) throws {
        sample.crfLabels = try labels(of: sample, in: crf, classCount: classCount)
        sample.retrievalLabels = try labels(of: sample, in: retrieval, classCount: classCount)
    }

    /// Warns of labels of which none is one.
    func emptiness(of map: LabelMap, _ id: String) -> Diagnostic? {
        guard map.pixels.allSatisfy({ $0 == 255 }) else { return nil }
        return Diagnostic(.warning, InputError("nothing but 255 in its labels: nothing is learned from it", file: id))
    }

    /// The labels of one kind; `nil` where there is no folder of that kind.
    ///
    /// - Throws: `InputError` naming the map that is missing, damaged, of another size, or with labels out of range.
    func labels(of sample: Sample, in folder: String?, classCount: Int) throws -> LabelMap? {
        guard let folder else { return nil }
        let path = join(folder, sample.id + ".png")
        return try advising("make it with bana label, or take \(sample.id) out of the list") {
            try LabelMap(contentsOf: path, classCount: classCount, size: (sample.image.width, sample.image.height))
        }
    }
}
