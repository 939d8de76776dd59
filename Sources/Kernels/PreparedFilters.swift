import TensorCore

/// A convolution's filters, and where the forms in which the algorithms read them are kept.
package struct ConvolutionFilters {
    /// `[out][tap row][tap column][in]`.
    let weight: UnsafePointer<Float>
    /// `nil`: they are prepared for one call, in memory that goes back at its end.
    let kept: PreparedFilters?

    package init(_ weight: UnsafePointer<Float>, keptIn kept: PreparedFilters? = nil) {
        (self.weight, self.kept) = (weight, kept)
    }

    /// The filters in a form of so many elements, float32 unless said otherwise, which `prepare` writes unless it is kept.
    func prepared(
        _ form: PreparedFilters.Form, count: Int, as type: Tensor.ElementType = .float32,
        _ workspace: Workspace, _ prepare: (Tensor) -> Void
    ) -> Tensor {
        if let known = kept?.forms[form] { return known }
        let shape = Shape(1, 1, 1, count)
        let memory = kept == nil ? workspace.tensor(shape, type) : workspace.lastingTensor(shape, type)
        prepare(memory)
        kept?.forms[form] = memory
        return memory
    }
}

/// Filters in the forms in which the algorithms read them, kept from image to image.
///
/// They are those of one set of weights and of one type of elements: whoever changes a weight must take a new object.
/// Panels take as much memory as the weights, Winograd's transformed filters four times as much, up to nine times where
/// images are so small that tiles of several kinds occur; rounded weights as much once more. It is the workspace's, whose
/// high-water mark counts it.
package final class PreparedFilters {
    enum Form: Hashable {
        /// For products of panels.
        case panels
        /// In Winograd's transform domain, for tiles up to a size.
        case winograd(TileSize)
        /// As they are, rounded to bfloat16.
        case rounded
        /// For products of bfloat16 tiles.
        case tiles
    }

    fileprivate(set) var forms: [Form: Tensor] = [:]

    package init() {}
}
