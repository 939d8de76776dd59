import TestSupport
import Weights

/// The rule a fixture's tensor of start weights is made by; see the fixtures' README.
struct StartTensor: Decodable {
    let name: String
    /// In the order of weight files.
    let shape: [Int]
    let scale: Double
    let offset: Double

    var values: [Float] {
        Formula.values(name, count: shape.reduce(1, *), scale: scale, offset: offset)
    }
}

/// Writes the file that a fixture's config calls `start.safetensors`.
func writeStartWeights(_ rules: [StartTensor], to path: String) throws {
    try writeSafetensors(rules.map { rule in TensorToWrite(rule.name, rule.shape) { rule.values } }, to: path)
}
