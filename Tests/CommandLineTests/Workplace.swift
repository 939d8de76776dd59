import Configuration
import FileAccess
import Foundation
import StageSupport
import TestSupport

/// A folder with a copy of the tiny images and a config, in which something may be broken before the program is run.
struct Workplace {
    let folder: String

    init(_ folder: String) throws {
        self.folder = folder
        try FileManager.default.copyItem(atPath: fixture("tiny-voc"), toPath: join(folder, "voc"))
        let classifier = try tinySettings(for: .trainClassifier, Workplace.changes)
        try put(classifier.resolvedYAML(for: .trainClassifier), at: "classifier.yaml")
        let segmenter = try tinySettings(for: .trainSegmenter, Workplace.changes)
        try put(segmenter.resolvedYAML(for: .trainSegmenter), at: "segmenter.yaml")
        try put(
            "data: {root: voc, split: train}\nmodel: {width: 0.0625, weights: model.safetensors}\n", at: "label.yaml")
    }

    private static let changes = [
        "data.root=voc", "data.labels={crf: voc/labels/Y_crf, ret: voc/labels/Y_ret}", "data.shuffle=false",
        "solver.iterations=2", "solver.batch=2",
    ]

    /// Writes a file.
    func put(_ text: String, at name: String) throws {
        try writeAtomically(Data(text.utf8), to: join(folder, name))
    }

    /// Copies a file here.
    func copy(_ path: String, to name: String) throws {
        try writeAtomically(try readFile(path), to: join(folder, name))
    }

    /// Writes one file's contents, changed, over them.
    func edit(_ name: String, _ change: (inout Data) -> Void) throws {
        var contents = try Data(contentsOf: URL(fileURLWithPath: join(folder, name)))
        change(&contents)
        try writeAtomically(contents, to: join(folder, name))
    }

    /// Replaces text in a file.
    func replace(_ old: String, with new: String, in name: String) throws {
        try edit(name) { contents in
            let text = String(decoding: contents, as: UTF8.self)
            precondition(text.contains(old), "no \(old) in \(name)")
            contents = Data(text.replacing(old, with: new).utf8)
        }
    }

    func remove(_ name: String) throws {
        try removeItem(join(folder, name))
    }

    func run(_ line: String) throws -> Program.Outcome {
        try Program(folder: folder).run(line.split(separator: " ").map(String.init))
    }

    /// Starts a command and does not wait for it.
    func start(_ line: String) throws -> Process {
        try Program(folder: folder).start(line.split(separator: " ").map(String.init))
    }
}
