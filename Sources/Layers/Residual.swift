package import TensorCore

/// A block with a shortcut (He et al. 2016): `N x H x W x C` to the shape of the body's result.
///
///     y = relu(norm(body(x)) + shortcut(x))
package struct Residual: Layer {
    package let body: Sequential
    /// Of the body's result; it takes the sum and its ReLU in the same pass.
    package let norm: BatchNorm
    /// `nil`: the input itself, which the body's result must be as large as.
    package let shortcut: Sequential?

    package init(body: [any Layer], norm: BatchNorm, shortcut: [any Layer]?) {
        precondition(norm.relu, "a block ends in a ReLU")
        self.body = Sequential(body, passesGradient: true)
        self.norm = norm
        self.shortcut = shortcut.map { Sequential($0, passesGradient: true) }
    }

    package var parameters: [Parameter] { body.parameters + norm.parameters + (shortcut?.parameters ?? []) }

    package func outputShape(_ input: Shape) -> Shape {
        let (result, skipped) = (body.outputShape(input), shortcut?.outputShape(input) ?? input)
        precondition(result == skipped, "a block gives \(result), its shortcut \(skipped)")
        return result
    }

    /// What the parts keep, less the shortcut's result, which is not looked at again.
    package func savedFloats(_ input: Shape, _ type: Tensor.ElementType) -> Int {
        let result = outputShape(input)
        return body.savedFloats(input, type) + norm.savedFloats(result, type)
            + (shortcut.map { $0.savedFloats(input, type) - result.floats(type) } ?? 0)
    }

    /// The body's result or its gradient, beside the shortcut's result, or what either way needs in passing.
    package func scratchFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int {
        let (shape, result) = (outputShape(input), outputShape(input).floats(type))
        let around = shortcut.map { max(result, $0.scratchFloats(input, type, threads: threads)) } ?? 0
        let most = max(
            body.scratchFloats(input, type, threads: threads), norm.scratchFloats(shape, type, threads: threads))
        return result + max(around, most)
    }

    package struct Saved {
        let body: Sequential.Saved
        let norm: BatchNorm.Saved
        let shortcut: Sequential.Saved?
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        let (inner, bodySaved) = body.forward(x, context)
        let skipped = shortcut?.forward(x, context)
        let (y, normSaved) = norm.forward(inner, adding: skipped?.y ?? x, context)
        guard let bodySaved, let normSaved else { return (y, nil) }
        return (y, Saved(body: bodySaved, norm: normSaved, shortcut: skipped?.saved))
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        // The block is announced as a whole, by whoever called.
        var context = context
        context.gradientReady = nil
        let inner = context.workspace.tensor(dy.shape, dy.type)
        _ = norm.backward(dy, into: inner, saved.norm, context, needsInputGradient: true)
        var dx: Tensor? = dy
        if let shortcut, let kept = saved.shortcut {
            dx = shortcut.backward(dy, kept, context, needsInputGradient: needsInputGradient)
        }
        guard needsInputGradient, let dx else {
            _ = body.backward(inner, saved.body, context, needsInputGradient: false)
            return nil
        }
        body.backward(inner, saved.body, context, addingTo: dx)
        return dx
    }
}
