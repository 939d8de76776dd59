import FileAccess
import ImageFiles
import Testing

extension Workplace {
    /// Runs a command that must succeed.
    func expectSuccess(_ line: String) throws {
        let outcome = try run(line)
        #expect(outcome.code == 0, "\(outcome.errors)")
    }

    /// Trains a classifier for one step and keeps its model.
    func makeModel(_ name: String, seed: Int = 13) throws {
        try expectSuccess(
            "train classifier --config classifier.yaml --run first --restart --set solver.iterations=1 --set seed=\(seed)"
        )
        try writeAtomically(try readFile(join(folder, "first/model.safetensors")), to: join(folder, name))
    }

    /// Writes a config for `bana reproduce`, `tables.yaml`.
    func putReproduction() throws {
        try put(
            "classifier: {config: classifier.yaml}\nlabels: {config: label.yaml}\nsegmenter: {config: segmenter.yaml}\n",
            at: "tables.yaml")
    }

    /// Writes a label map of one label.
    func putMap(_ width: Int, _ height: Int, label: UInt8, at name: String) throws {
        let pixels = [UInt8](repeating: label, count: width * height)
        try LabelMap(width: width, height: height, pixels: pixels).write(to: join(folder, name))
    }
}
