package import Kernels
package import TensorCore

/// A two-dimensional convolution, its bias and its ReLU in one pass: `N x H x W x inputChannels` to
/// `N x H' x W' x outputChannels`.
///
///     y = relu(sum over taps and channels of weight * x + bias)
package struct Convolution: Layer {
    package let geometry: ConvolutionGeometry
    /// `[out, in, kernel, kernel]`.
    package let weight: Parameter
    /// `[out]`.
    package let bias: Parameter?
    /// Whether negative results become 0.
    package let relu: Bool
    /// Shared by copies of the layer.
    private let plans: ConvolutionPlans

    package init(_ geometry: ConvolutionGeometry, weight: Parameter, bias: Parameter?, relu: Bool) {
        let shape = [geometry.outputChannels, geometry.inputChannels, geometry.kernel, geometry.kernel]
        precondition(weight.fileShape == shape, "\(weight.name) is \(weight.fileShape), not \(shape)")
        (self.geometry, self.weight, self.bias, self.relu) = (geometry, weight, bias, relu)
        plans = ConvolutionPlans(geometry)
    }

    package var parameters: [Parameter] { [weight] + (bias.map { [$0] } ?? []) }

    package func outputShape(_ input: Shape) -> Shape {
        precondition(geometry.accepts(input), "\(weight.name) \(weight.fileShape) got \(input)")
        return geometry.outputShape(input)
    }

    /// The result, unless what follows keeps another: batch norm does.
    package func savedFloats(_ input: Shape, _ type: Tensor.ElementType) -> Int {
        relu ? outputShape(input).floats(type) : 0
    }

    package func scratchFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int {
        let passes: [ConvolutionPass] = isTrainable ? ConvolutionPass.allCases : [.forward, .inputGradient]
        return passes.map { plans[input, type].scratchFloats($0, threads: threads) }.max() ?? 0
    }

    /// The input, and the output where its sign tells what the ReLU let through.
    package struct Saved {
        let x: Tensor
        let y: Tensor?
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        let y = context.workspace.tensor(outputShape(x.shape), x.type)
        let epilogue = ConvolutionEpilogue(bias: bias.map { UnsafePointer($0.value) }, relu: relu)
        plans[x.shape, x.type].forward(
            x, plans.filters(weight, x.type, context), epilogue, into: y, workspace: context.workspace,
            pool: context.pool)
        return (y, context.saves ? Saved(x: x, y: relu ? y : nil) : nil)
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        let dx = needsInputGradient ? context.workspace.tensor(saved.x.shape, saved.x.type) : nil
        backward(dy, saved, context, input: dx, accumulate: false)
        return dx
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, addingTo sum: Tensor) {
        precondition(sum.shape == saved.x.shape, "\(weight.name): a gradient added to \(sum.shape)")
        backward(dy, saved, context, input: sum, accumulate: true)
    }

    private func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, input dx: Tensor?, accumulate: Bool) {
        precondition(dy.shape == outputShape(saved.x.shape), "\(weight.name) got a gradient \(dy.shape)")
        let gradients = ConvolutionGradients(
            input: dx, addsToInput: accumulate, weight: weight.isTrainable ? weight.gradient : nil,
            bias: bias.flatMap { $0.isTrainable ? $0.gradient : nil })
        plans[saved.x.shape, saved.x.type].backward(
            dy, where: saved.y, saved.x, ConvolutionFilters(weight.value), into: gradients,
            workspace: context.workspace, pool: context.pool)
    }
}
