package import Layers
package import TensorCore

/// What a trunk is built from: the convolutions that turn an image into features.
package protocol TrunkOptions: Sendable {
    /// Builds the trunk, declaring its tensors under the reference's names, `backbone.` before each.
    ///
    /// - Returns: the layers, and the channels of the last one's result.
    func makeTrunk(in arena: ParameterArena) -> (layers: [any Layer], channels: Int)
}

/// A network's channels at a fraction of their published number.
func scaled(_ channels: Int, by width: Double) -> Int {
    max(1, Int((Double(channels) * width).rounded()))
}
