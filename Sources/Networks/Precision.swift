import Kernels
import Layers
import TensorCore

extension Sequential {
    /// What a trunk makes of images, both in float32; in between it computes as precisely as the context says.
    func features(_ images: Tensor, _ context: StepContext) -> (features: Tensor, saved: Saved?) {
        let (features, saved) = forward(context.stored(images, as: context.precision), context)
        return (context.stored(features, as: .float32), saved)
    }

    /// The way back, given the gradient of the features in float32.
    func backward(fromFeatures gradient: Tensor, _ saved: Saved, _ context: StepContext) {
        _ = backward(context.stored(gradient, as: context.precision), saved, context, needsInputGradient: false)
    }
}

extension StepContext {
    /// The tensor itself, or a copy whose elements are stored otherwise.
    fileprivate func stored(_ x: Tensor, as type: Tensor.ElementType) -> Tensor {
        if x.type == type { return x }
        let copy = workspace.tensor(x.shape, type)
        convert(x, into: copy, pool: pool)
        return copy
    }
}
