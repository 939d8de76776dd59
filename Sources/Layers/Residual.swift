internal import Kernels
package import TensorCore

/// A block with a way round it (He et al. 2016).
///
///     y = relu(body(x) + shortcut(x))
///
/// Neither the body nor the shortcut ends in a ReLU, for the sum takes the place of the body's result.
package struct Residual: Layer {
    package let body: Sequential
    /// `nil`: the input itself, which the body's result must be as large as.
    package let shortcut: Sequential?

    package init(body: [any Layer], shortcut: [any Layer]?) {
        self.body = Sequential(body, passesGradient: true)
        self.shortcut = shortcut.map { Sequential($0, passesGradient: true) }
    }

    package var parameters: [Parameter] { body.parameters + (shortcut?.parameters ?? []) }

    package func outputShape(_ input: Shape) -> Shape {
        let (result, skipped) = (body.outputShape(input), shortcut?.outputShape(input) ?? input)
        precondition(result == skipped, "a block gives \(result), its shortcut \(skipped)")
        return result
    }

    /// What the parts keep, less the shortcut's result, which is not looked at again.
    package func keptFloats(_ input: Shape) -> Int {
        body.keptFloats(input) + (shortcut.map { $0.keptFloats(input) - $0.outputShape(input).count } ?? 0)
    }

    package struct Saved {
        let body: Sequential.Saved
        let shortcut: Sequential.Saved?
        /// Tells by its sign what the ReLU let through.
        let y: Tensor
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        let (y, bodySaved) = body.forward(x, context)
        let skipped = shortcut?.forward(x, context)
        addWithReLU(skipped?.y ?? x, to: y, pool: context.pool)
        return (y, bodySaved.map { Saved(body: $0, shortcut: skipped?.saved, y: y) })
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, wantsInput: Bool) -> Tensor? {
        precondition(dy.shape == saved.y.shape, "a block that gave \(saved.y.shape) got a gradient \(dy.shape)")
        // The block is announced as a whole, by whoever called.
        var context = context
        context.gradientReady = nil
        let dBody = context.workspace.tensor(dy.shape)
        splitGradient(dy, whereNotPositive: saved.y, into: dBody, pool: context.pool)
        var dSkipped: Tensor? = dy
        if let shortcut, let kept = saved.shortcut {
            dSkipped = shortcut.backward(dy, kept, context, wantsInput: wantsInput)
        }
        let dx = body.backward(dBody, saved.body, context, wantsInput: wantsInput)
        guard let dx, let dSkipped else { return nil }
        addTensor(dSkipped, to: dx, pool: context.pool)
        return dx
    }
}
