import Kernels
package import TensorCore

/// Convolutions side by side whose results are added up: the head of DeepLab v2 ("ASPP", Chen et al. 2017).
///
/// `N x H x W x C` to the result shape that all its convolutions have.
///
///     y = relu(sum of convolution(x))
package struct ConvolutionSum: Layer {
    /// Of one result shape, without ReLUs of their own.
    package let convolutions: [Convolution]

    package init(_ convolutions: [Convolution]) {
        precondition(!convolutions.isEmpty && convolutions.allSatisfy { !$0.relu }, "a sum of plain convolutions")
        self.convolutions = convolutions
    }

    package var parameters: [Parameter] { convolutions.flatMap(\.parameters) }

    package func outputShape(_ input: Shape) -> Shape {
        let shapes = convolutions.map { $0.outputShape(input) }
        precondition(shapes.allSatisfy { $0 == shapes[0] }, "a sum of \(shapes)")
        return shapes[0]
    }

    /// The last convolution computes while the other results wait.
    package func scratchFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int {
        let scratch = convolutions.map { $0.scratchFloats(input, type, threads: threads) }.max() ?? 0
        return (convolutions.count - 1) * outputShape(input).floats(type) + scratch
    }

    package struct Saved {
        let x: Tensor
        /// Tells by its sign what the ReLU let through.
        let y: Tensor
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        let results = convolutions.map { $0.forward(x, context.withoutSaving).y }
        let y = results[0]
        for term in results.dropFirst().dropLast() { addTensor(term, to: y, pool: context.pool) }
        addWithReLU(results.count > 1 ? results.last : nil, to: y, pool: context.pool)
        return (y, context.saves ? Saved(x: x, y: y) : nil)
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        precondition(dy.shape == saved.y.shape, "a sum \(saved.y.shape) got a gradient \(dy.shape)")
        maskGradient(dy, whereNotPositive: saved.y, context.pool)
        var sum: Tensor?
        for convolution in convolutions {
            let kept = Convolution.Saved(x: saved.x, y: nil)
            if let sum {
                convolution.backward(dy, kept, context, addingTo: sum)
            } else {
                sum = convolution.backward(dy, kept, context, needsInputGradient: needsInputGradient)
            }
        }
        return sum
    }
}
