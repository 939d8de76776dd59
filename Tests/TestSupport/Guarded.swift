package import TensorCore

/// A tensor between margins of NaN: reading them spoils a result, writing them is found out.
package struct Guarded {
    package let tensor: Tensor
    private let whole: Tensor
    private static let margin = 64

    /// Room for a result, filled with NaN too.
    package init(_ shape: Shape, in workspace: Workspace) {
        whole = workspace.tensor(Shape(1, 1, 1, shape.count + 2 * Guarded.margin))
        whole.fill(.nan)
        tensor = .borrowing(whole.floats + Guarded.margin, shape)
    }

    /// An operand.
    package init(_ volume: Volume, in workspace: Workspace) {
        self.init(volume.shape, in: workspace)
        tensor.floats.update(from: volume.floats, count: volume.shape.count)
    }

    /// A copy of the elements; NaN where something has been written beside them.
    package var elements: [Float] {
        let all = whole.elements
        let margins = all.prefix(Guarded.margin) + all.suffix(Guarded.margin)
        let isIntact = margins.allSatisfy { $0.bitPattern == Float.nan.bitPattern }
        return isIntact ? tensor.elements : [Float](repeating: .nan, count: tensor.count)
    }
}
