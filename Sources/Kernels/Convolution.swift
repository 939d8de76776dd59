package import TensorCore

/// What a convolution does to its result while it is still in cache.
package struct ConvolutionEpilogue {
    /// One value an output channel, added first.
    package var bias: UnsafePointer<Float>?
    /// Whether negative results become 0.
    package var relu: Bool

    package init(bias: UnsafePointer<Float>? = nil, relu: Bool = false) {
        (self.bias, self.relu) = (bias, relu)
    }

    /// Sets one pixel's `count` channels; `x` and `y` may be the same.
    @inline(__always) func apply(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        switch (bias, relu) {
        case (nil, false): for c in 0..<count { y[c] = x[c] }
        case (nil, true): for c in 0..<count { y[c] = max(x[c], 0) }
        case (let bias?, false): for c in 0..<count { y[c] = x[c] + bias[c] }
        case (let bias?, true): for c in 0..<count { y[c] = max(x[c] + bias[c], 0) }
        }
    }
}

/// Where the gradients of a convolution go; what is `nil` is not computed.
package struct ConvolutionGradients {
    /// Overwritten.
    package var input: Tensor?
    /// Added to, summed over the pixels of the batch in a fixed order.
    package var weight: UnsafeMutablePointer<Float>?
    /// Added to, likewise.
    package var bias: UnsafeMutablePointer<Float>?

    package init(
        input: Tensor? = nil, weight: UnsafeMutablePointer<Float>? = nil, bias: UnsafeMutablePointer<Float>? = nil
    ) {
        (self.input, self.weight, self.bias) = (input, weight, bias)
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
    switch algorithm ?? ConvolutionAlgorithm(geometry, x.shape) {
    case .winograd:
        WinogradConvolution(geometry, x.shape).forward(
            x, weight: weight, epilogue: epilogue, into: y, workspace: workspace, pool: pool)
    case .taps:
        TapConvolution(geometry, x.shape).forward(
            x, weight: weight, epilogue: epilogue, into: y, workspace: workspace, pool: pool)
    case .panels:
        PanelConvolution(geometry).forward(
            x, weight: weight, epilogue: epilogue, into: y, workspace: workspace, pool: pool)
    case .patches:
        PatchConvolution(geometry).forward(
            x, weight: weight, epilogue: epilogue, into: y, workspace: workspace, pool: pool)
    }
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
    switch algorithm ?? ConvolutionAlgorithm(geometry, x.shape) {
    case .winograd:
        let convolution = WinogradConvolution(geometry, x.shape)
        if let dWeight = gradients.weight {
            convolution.addWeightGradient(
                x, dy, where: y, to: dWeight, gradients.bias, workspace: workspace, pool: pool)
        } else {
            prepare(dy, where: y, gradients.bias, workspace, pool)
        }
        if let dx = gradients.input {
            convolution.inputGradient(dy, weight: weight, into: dx, workspace: workspace, pool: pool)
        }
    case .taps:
        let convolution = TapConvolution(geometry, x.shape)
        prepare(dy, where: y, gradients.bias, workspace, pool)
        if let dWeight = gradients.weight {
            convolution.addWeightGradient(x, dy, to: dWeight, workspace: workspace, pool: pool)
        }
        if let dx = gradients.input {
            convolution.inputGradient(dy, weight: weight, into: dx, workspace: workspace, pool: pool)
        }
    case .panels:
        let convolution = PanelConvolution(geometry)
        prepare(dy, where: y, gradients.bias, workspace, pool)
        if let dWeight = gradients.weight {
            convolution.addWeightGradient(x, dy, to: dWeight, workspace: workspace, pool: pool)
        }
        if let dx = gradients.input {
            convolution.inputGradient(dy, weight: weight, into: dx, workspace: workspace, pool: pool)
        }
    case .patches:
        let convolution = PatchConvolution(geometry)
        prepare(dy, where: y, gradients.bias, workspace, pool)
        if let dWeight = gradients.weight {
            convolution.addWeightGradient(x, dy, to: dWeight, workspace: workspace, pool: pool)
        }
        if let dx = gradients.input {
            convolution.inputGradient(dy, weight: weight, into: dx, workspace: workspace, pool: pool)
        }
    }
}

/// Masks the gradient of a result and adds its sum over all pixels to that of the bias, in one pass and a fixed order,
/// where the weights' gradient does not do so in passing.
private func prepare(
    _ dy: Tensor, where y: Tensor?, _ dBias: UnsafeMutablePointer<Float>?, _ workspace: Workspace, _ pool: ThreadPool
) {
    guard let dBias else {
        if let y { maskGradient(dy, whereNotPositive: y, pool) }
        return
    }
    let channels = dy.shape.c
    let size = 8 * pixelsPerChunk(channels)
    let chunks = (dy.shape.pixels + size - 1) / size
    let partial = workspace.zeros(Shape(1, 1, chunks, channels))
    // Pointers alone within the loop: a tensor would be retained for every pixel.
    let (rows, signs) = (dy.data, y?.data)
    pool.parallelFor(dy.shape.pixels, by: size) { pixels, _ in
        let sums = partial.data + pixels.lowerBound / size * channels
        for pixel in pixels {
            let row = rows + pixel * channels
            if let signs { copy(row, wherePositive: signs + pixel * channels, to: row, count: channels) }
            add(row, to: sums, count: channels)
        }
    }
    for chunk in 0..<chunks { add(partial.data + chunk * channels, to: dBias, count: channels) }
}

/// `dy = 0` where the ReLU's output `y` is 0.
package func maskGradient(_ dy: Tensor, whereNotPositive y: Tensor, _ pool: ThreadPool) {
    precondition(dy.shape == y.shape, "mask of \(y.shape) on \(dy.shape)")
    pool.parallelFor(dy.count, by: 1 << 16) { range, _ in
        let part = dy.data + range.lowerBound
        copy(part, wherePositive: y.data + range.lowerBound, to: part, count: range.count)
    }
}
