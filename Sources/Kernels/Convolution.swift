package import TensorCore

/// What a convolution does to its result while it is still in cache.
package struct ConvolutionEpilogue {
    /// One value an output channel, added first.
    package var bias: UnsafePointer<Float>?
    /// Whether negative results become 0.
    package var relu: Bool
    /// Whether the result is added to what is there, and nothing else is done to it.
    fileprivate(set) var accumulates = false

    package init(bias: UnsafePointer<Float>? = nil, relu: Bool = false) {
        (self.bias, self.relu) = (bias, relu)
    }

    /// That of an input's gradient.
    static func gradient(accumulate: Bool) -> ConvolutionEpilogue {
        var epilogue = ConvolutionEpilogue()
        epilogue.accumulates = accumulate
        return epilogue
    }

    /// Sets one pixel's `count` channels; `x` and `y` may be the same.
    @inline(__always) func apply(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        switch (bias, relu) {
        case (nil, false):
            if accumulates { add(x, to: y, count: count) } else if x != y { y.update(from: x, count: count) }
        case (nil, true): for c in 0..<count { y[c] = max(x[c], 0) }
        case (let bias?, false): for c in 0..<count { y[c] = x[c] + bias[c] }
        case (let bias?, true): for c in 0..<count { y[c] = max(x[c] + bias[c], 0) }
        }
    }
}

/// Where the gradients of a convolution go; what is `nil` is not computed.
package struct ConvolutionGradients {
    /// Overwritten, or added to.
    package var input: Tensor?
    package var addsToInput: Bool
    /// Added to, summed over the pixels of the batch in a fixed order.
    package var weight: UnsafeMutablePointer<Float>?
    /// Added to, likewise.
    package var bias: UnsafeMutablePointer<Float>?

    package init(
        input: Tensor? = nil, addsToInput: Bool = false, weight: UnsafeMutablePointer<Float>? = nil,
        bias: UnsafeMutablePointer<Float>? = nil
    ) {
        (self.input, self.addsToInput, self.weight, self.bias) = (input, addsToInput, weight, bias)
    }
}

/// `y = epilogue(x * weight)`; `weight` is `[out][tap row][tap column][in]`.
///
/// - Parameter algorithm: how; by default as the rule of `ConvolutionAlgorithm` says.
package func convolve(
    _ x: Tensor, weight: UnsafeMutablePointer<Float>, geometry: ConvolutionGeometry, epilogue: ConvolutionEpilogue,
    into y: Tensor, by algorithm: ConvolutionAlgorithm? = nil, workspace: Workspace, pool: ThreadPool
) {
    precondition(y.shape == geometry.outputShape(x.shape), "convolution of \(x.shape) into \(y.shape)")
    let method = (algorithm ?? ConvolutionAlgorithm(geometry)).method(geometry, x.shape)
    method.forward(x, weight: weight, epilogue: epilogue, into: y, workspace: workspace, pool: pool)
}

/// The gradients of a convolution, given that of its result.
///
/// - Parameters:
///   - dy: the gradient of the result; its memory may be used.
///   - y: the result where it went through a ReLU: where it is not positive, no gradient passes.
package func convolveGradients(
    _ dy: Tensor, where y: Tensor? = nil, _ x: Tensor, weight: UnsafeMutablePointer<Float>,
    geometry: ConvolutionGeometry, into gradients: ConvolutionGradients, by algorithm: ConvolutionAlgorithm? = nil,
    workspace: Workspace, pool: ThreadPool
) {
    precondition(dy.shape == geometry.outputShape(x.shape), "gradient \(dy.shape) of an input \(x.shape)")
    precondition(y.map { $0.shape == dy.shape } ?? true, "a gradient \(dy.shape) of another result")
    let method = (algorithm ?? ConvolutionAlgorithm(geometry)).method(geometry, x.shape)
    if let dWeight = gradients.weight {
        method.addWeightGradient(x, dy, where: y, to: dWeight, gradients.bias, workspace: workspace, pool: pool)
    } else {
        maskGradient(dy, where: y, addingTo: gradients.bias, workspace, pool)
    }
    if let dx = gradients.input {
        method.inputGradient(
            dy, weight: weight, into: dx, accumulate: gradients.addsToInput, workspace: workspace, pool: pool)
    }
}

/// A way to compute a convolution of one geometry.
protocol ConvolutionMethod {
    /// `y = epilogue(x * weight)`.
    func forward(
        _ x: Tensor, weight: UnsafeMutablePointer<Float>, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    )

    /// `dx = dy * weight`, or `dx += dy * weight`, turned round: each pixel's gradient goes back to what it saw.
    func inputGradient(
        _ dy: Tensor, weight: UnsafeMutablePointer<Float>, into dx: Tensor, accumulate: Bool, workspace: Workspace,
        pool: ThreadPool
    )

    /// `dWeight += dy * x` and `dBias += dy`, summed over all pixels of the batch in a fixed order.
    ///
    /// - Parameters:
    ///   - y: where it is not positive, `dy` becomes 0 first, in place.
    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    )
}

extension ConvolutionAlgorithm {
    fileprivate func method(_ geometry: ConvolutionGeometry, _ input: Shape) -> any ConvolutionMethod {
        switch self {
        case .winograd: WinogradConvolution(geometry, input)
        case .panels: PanelConvolution(geometry)
        case .patches: PatchConvolution(geometry)
        }
    }
}
