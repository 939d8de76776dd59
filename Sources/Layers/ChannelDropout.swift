import Kernels
package import TensorCore

/// Drops whole channels of a sample with a probability and scales the others by its complement's inverse;
/// `N x H x W x C` to the same.
///
/// PyTorch's Dropout2d. What is dropped depends on the seed, the sample's position in the stream and this layer's
/// number, so that ranks and resumed runs agree.
package struct ChannelDropout: Layer {
    package let probability: Float
    /// Tells the dropout layers of a network apart.
    package let number: Int

    package init(probability: Float, number: Int) {
        precondition(probability >= 0 && probability < 1, "dropout of \(probability)")
        (self.probability, self.number) = (probability, number)
    }

    package func outputShape(_ input: Shape) -> Shape { input }

    /// The factor of each channel of each sample; none where nothing is dropped.
    package struct Saved {
        let factors: Tensor?
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        guard context.mode == .training && probability > 0 else {
            return (x, context.saves ? Saved(factors: nil) : nil)
        }
        let factors = drawFactors(x.shape, context)
        let y = context.workspace.tensor(x.shape, x.type)
        multiplyChannels(x, by: factors, into: y, context.pool)
        return (y, context.saves ? Saved(factors: factors) : nil)
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        guard needsInputGradient else { return nil }
        if let factors = saved.factors { multiplyChannels(dy, by: factors, into: dy, context.pool) }
        return dy
    }

    private func drawFactors(_ shape: Shape, _ context: StepContext) -> Tensor {
        precondition(context.positions.count == shape.n, "\(context.positions.count) positions for \(shape)")
        let factors = context.workspace.tensor(Shape(shape.n, 1, 1, shape.c))
        for (image, position) in context.positions.enumerated() {
            let random = RandomStream(seed: context.seed, purpose: .dropout, position: position)
            for channel in 0..<shape.c {
                let isKept = random.uniform(number << 20 + channel) >= Double(probability)
                factors.floats[image * shape.c + channel] = isKept ? 1 / (1 - probability) : 0
            }
        }
        return factors
    }

    private func multiplyChannels(_ x: Tensor, by factors: Tensor, into y: Tensor, _ pool: ThreadPool) {
        precondition(factors.shape.n == x.shape.n && factors.shape.c == x.shape.c, "\(factors.shape) for \(x.shape)")
        for image in 0..<x.shape.n {
            scaleChannels(
                x.images(image..<image + 1), factor: factors.floats + image * x.shape.c,
                into: y.images(image..<image + 1),
                pool: pool)
        }
    }
}
