import Annotations
import FileAccess
package import Foundation

/// A folder that readers find their files in, best in memory.
package final class Workplace {
    package let folder: String
    /// What results are compared with.
    private(set) lazy var truth = Result { try COCOInstances(contentsOf: try file("truth.json", Data(truthText.utf8))) }
    /// A state that a training saved.
    private(set) lazy var state = Result { try savedState() }

    package init(_ folder: String) { self.folder = folder }

    /// Writes a file, over what is there.
    ///
    /// - Returns: Its path.
    func file(_ name: String, _ contents: Data) throws -> String {
        let path = join(folder, name)
        if name.contains("/") { try makeFolder(parentFolder(of: path)) }
        try contents.write(to: URL(fileURLWithPath: path))
        return path
    }
}

/// Something that ought not to be, found without a crash.
struct Contradiction: Error {
    let what: String

    init(_ what: String) { self.what = what }
}

/// What `body` makes of a part of a file; `nil` where it refuses it.
func unlessRefused<Value>(_ body: () throws -> Value) throws -> Value? {
    do {
        return try body()
    } catch is InputError {
        return nil
    }
}

private let truthText = """
    {"images": [{"id": 1, "file_name": "a.jpg", "width": 40, "height": 30},
    {"id": 2, "file_name": "b.jpg", "width": 7, "height": 5}],
    "categories": [{"id": 1, "name": "cat"}, {"id": 3, "name": "dog"}],
    "annotations": [
    {"id": 1, "image_id": 1, "category_id": 1, "iscrowd": 0, "area": 100, "bbox": [5, 5, 10, 10],
    "segmentation": [[5, 5, 15, 5, 15, 15, 5, 15]]},
    {"id": 2, "image_id": 1, "category_id": 3, "iscrowd": 1, "area": 200, "bbox": [20, 0, 20, 10],
    "segmentation": {"size": [30, 40], "counts": [600, 200, 400]}},
    {"id": 3, "image_id": 2, "category_id": 1, "iscrowd": 0, "area": 12, "bbox": [1, 1, 4, 3],
    "segmentation": [[1, 1, 5, 1, 5, 4, 1, 4]]}]}
    """
