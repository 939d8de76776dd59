package import TensorCore

/// What is computed of a convolution.
package enum ConvolutionPass: Sendable, CaseIterable {
    case forward, inputGradient
    /// With that of the bias.
    case weightGradient
}

/// How a convolution is computed for inputs of one shape: the algorithm and how the work is cut, decided once.
package struct ConvolutionPlan {
    package let geometry: ConvolutionGeometry
    /// `N x H x W x inputs`.
    package let input: Shape
    /// `N x H' x W' x outputs`.
    package let output: Shape
    /// Of inputs, results and their gradients.
    package let type: Tensor.ElementType
    private let method: any ConvolutionMethod

    /// A plan for tensors of float32, or of bfloat16 that is widened for the products.
    ///
    /// - Parameter algorithm: where `nil`, as the rule of `ConvolutionAlgorithm` says.
    package init(
        _ geometry: ConvolutionGeometry, _ input: Shape, _ type: Tensor.ElementType = .float32,
        by algorithm: ConvolutionAlgorithm?
    ) {
        let method: any ConvolutionMethod =
            switch algorithm ?? ConvolutionAlgorithm(geometry) {
            case .winograd: WinogradConvolution(geometry, input)
            case .panels: PanelConvolution(geometry, input)
            case .patches: PatchConvolution(geometry, input)
            }
        switch type {
        case .float32: self.init(geometry, input, type, method)
        case .bfloat16:
            self.init(geometry, input, type, WideningConvolution(geometry: geometry, input: input, method: method))
        }
    }

    /// A plan for tensors of bfloat16 that are multiplied as they are.
    package init(_ geometry: ConvolutionGeometry, _ input: Shape, by products: TileProducts) {
        self.init(geometry, input, .bfloat16, TileConvolution(geometry, input, products))
    }

    /// The plan that suits this processor.
    ///
    /// Products of bfloat16 on vectors do twice as many multiplications at once as those of float32; Winograd's algorithm
    /// saves three of four.
    package init(_ geometry: ConvolutionGeometry, _ input: Shape, _ type: Tensor.ElementType = .float32) {
        let algorithm = ConvolutionAlgorithm(geometry)
        if type == .bfloat16, let products = TileProducts.chosen, Instructions.haveTiles || algorithm != .winograd {
            self.init(geometry, input, by: products)
        } else {
            self.init(geometry, input, type, by: algorithm)
        }
    }

    private init(
        _ geometry: ConvolutionGeometry, _ input: Shape, _ type: Tensor.ElementType, _ method: any ConvolutionMethod
    ) {
        (self.geometry, self.input, output) = (geometry, input, geometry.outputShape(input))
        (self.type, self.method) = (type, method)
    }

    /// The most floats that a pass on `threads` threads books of the workspace at once, beside inputs and results; filters
    /// that are prepared for one call included.
    package func scratchFloats(_ pass: ConvolutionPass, threads: Int) -> Int {
        let floats = method.scratchFloats(pass, threads: threads)
        return pass == .weightGradient ? max(floats, biasSums(of: output).count) : floats
    }

    /// `y = epilogue(x * filters)`.
    package func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, _ epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        precondition(x.shape == input && y.shape == output, "\(x.shape) to \(y.shape) by a plan for \(input)")
        precondition(x.type == type && y.type == type, "\(x.type) to \(y.type) by a plan for \(type)")
        method.forward(x, filters, epilogue: epilogue, into: y, workspace: workspace, pool: pool)
    }

    /// The gradients of a convolution, given that of its result.
    ///
    /// - Parameters:
    ///   - dy: the gradient of the result; its memory may be used.
    ///   - y: the result where it went through a ReLU: where it is not positive, no gradient passes.
    package func backward(
        _ dy: Tensor, where y: Tensor? = nil, _ x: Tensor, _ filters: ConvolutionFilters,
        into gradients: ConvolutionGradients, workspace: Workspace, pool: ThreadPool
    ) {
        precondition(
            x.shape == input && dy.shape == output, "gradient \(dy.shape) of \(x.shape) by a plan for \(input)")
        precondition(y.map { $0.shape == dy.shape } ?? true, "a gradient \(dy.shape) of another result")
        if let dWeight = gradients.weight {
            method.addWeightGradient(x, dy, where: y, to: dWeight, gradients.bias, workspace: workspace, pool: pool)
        } else {
            maskGradient(dy, where: y, addingTo: gradients.bias, workspace, pool)
        }
        if let dx = gradients.input {
            method.inputGradient(
                dy, filters, into: dx, accumulate: gradients.addsToInput, workspace: workspace, pool: pool)
        }
    }
}

/// An algorithm with all it needs to know of one geometry and shape.
protocol ConvolutionMethod {
    /// The most floats that a pass books of the workspace at once; the sums of a bias's gradient, which `maskGradient`
    /// books and gives back before anything else, are left out.
    func scratchFloats(_ pass: ConvolutionPass, threads: Int) -> Int

    /// `y = epilogue(x * filters)`.
    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    )

    /// `dx = dy * weight`, or `dx += dy * weight`, turned round: each pixel's gradient goes back to what it saw.
    func inputGradient(
        _ dy: Tensor, _ filters: ConvolutionFilters, into dx: Tensor, accumulate: Bool, workspace: Workspace,
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
