import Weights

/// Named tensors: what a file of weights holds.
public struct WeightArchive: Sendable {
    /// A tensor of 32-bit floats.
    public struct Tensor: Sendable, Equatable {
        /// Extents from the outermost, as PyTorch has them: `[out, in, height, width]`.
        public let shape: [Int]
        /// The elements, the last extent's side by side.
        public let elements: [Float]

        /// A tensor.
        ///
        /// - Precondition: there are as many elements as the shape says.
        public init(shape: [Int], elements: [Float]) {
            precondition(elements.count == shape.reduce(1, *), "\(elements.count) elements for \(shape)")
            (self.shape, self.elements) = (shape, elements)
        }
    }

    /// The tensors by name.
    public var tensors: [String: Tensor]

    /// An archive of the given tensors.
    public init(_ tensors: [String: Tensor] = [:]) { self.tensors = tensors }

    /// Reads a safetensors file, or one that `torch.save` wrote, of which nothing is executed; tensors that hold no floats
    /// are left out.
    ///
    /// - Throws: `BanaError` for a file that is missing or damaged.
    public init(contentsOf path: String) throws(BanaError) {
        tensors = try reporting {
            let file = try openWeights(path)
            let entries = file.tensors.filter(\.type.isFloat)
            return Dictionary(
                try entries.map { ($0.name, Tensor(shape: $0.shape, elements: try file.floats(of: $0))) },
                uniquingKeysWith: { first, _ in first })
        }
    }

    /// Writes a safetensors file, tensors in the order of their names; complete or absent.
    ///
    /// - Throws: `BanaError` when the file cannot be written.
    public func write(to path: String) throws(BanaError) {
        try reporting {
            let inOrder = tensors.sorted { $0.key < $1.key }
            try writeSafetensors(
                inOrder.map { name, tensor in TensorToWrite(name, tensor.shape) { tensor.elements } }, to: path)
        }
    }
}
