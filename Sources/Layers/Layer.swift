import Kernels
package import TensorCore

/// A step of a network with its derivative beside it.
///
/// Activations are `N x H x W x C`: images, rows, columns, channels; the channels of a pixel are contiguous. The gradient
/// of a tensor has the tensor's shape.
///
/// Two rules hold for every layer: gradients of parameters accumulate (`+=`), gradients of activations overwrite
/// unless they are to be added to a tensor.
/// `backward` owns `dy` and may use its memory for what it returns.
package protocol Layer {
    /// What `backward` needs of `forward`.
    associatedtype Saved

    /// The learned tensors, in forward order.
    var parameters: [Parameter] { get }

    /// The shape of the result for an input of shape `input`.
    func outputShape(_ input: Shape) -> Shape

    /// Floats of memory that a training step keeps from forward to backward beside the input, where activations are
    /// stored as `type`.
    func savedFloats(_ input: Shape, _ type: Tensor.ElementType) -> Int

    /// The most floats that forward or backward need in passing, on `threads` threads: beside the input, the result, what
    /// is saved, and the gradients of input and result.
    func scratchFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int

    /// The result, and what backward needs; `nil` unless `context.saves`.
    func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?)

    /// The gradient of the input, given that of the result; `nil` where `needsInputGradient` is false, as below the lowest
    /// layer that learns.
    func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor?

    /// The same, with the gradient of the input added to `sum`: where an input is used twice.
    func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, addingTo sum: Tensor)
}

extension Layer {
    package var parameters: [Parameter] { [] }

    package func savedFloats(_ input: Shape, _ type: Tensor.ElementType) -> Int { outputShape(input).floats(type) }

    package func scratchFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int { 0 }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, addingTo sum: Tensor) {
        guard let dx = backward(dy, saved, context, needsInputGradient: true) else {
            preconditionFailure("\(Self.self) has no gradient of its input")
        }
        addTensor(dx, to: sum, pool: context.pool)
    }

    /// Whether any tensor of the layer wants a gradient.
    package var isTrainable: Bool { parameters.contains { $0.isTrainable } }
}
