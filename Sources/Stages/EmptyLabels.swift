import Configuration
import Datasets
import FileAccess
import ImageFiles

/// Refuses pseudo labels that teach nothing: of no image has a pixel the label of an object, and some have none at all.
///
/// Looks no further than the first image with an object, of each kind of labels; what cannot be read is told later.
///
/// - Throws: `InputError` naming the folder of the labels.
func refuseEmptyLabels(_ folders: LabelFolderSettings, of dataset: any Dataset) throws {
    let kinds = [(folders.crf, \Sample.crfLabels), (folders.ret, \Sample.retrievalLabels)]
    for case (let folder?, let map) in kinds {
        var ignored = false
        let hasObject = (0..<dataset.count).contains { index in
            guard let pixels = try? dataset.load(at: index, .labels)[keyPath: map]?.pixels else { return false }
            ignored = ignored || pixels.contains(255)
            return pixels.contains { (1..<255).contains($0) }
        }
        guard !hasObject, ignored else { continue }
        throw InputError(
            "no pixel of the \(dataset.count) label maps is of an object: they hold nothing but 0 and 255 (ignored)",
            file: folder, remedy: "make them with bana label, or write the classes' numbers")
    }
}
