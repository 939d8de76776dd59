import TensorCore

/// A convolution of bfloat16 by an algorithm for float32, for processors without products of bfloat16: what it reads is
/// widened, which is exact, and what comes of it rounded.
///
/// The filters are rounded to bfloat16 as they are for products of bfloat16.
struct WideningConvolution: ConvolutionMethod {
    let geometry: ConvolutionGeometry
    let input: Shape
    /// That of float32.
    let method: any ConvolutionMethod

    private var output: Shape { geometry.outputShape(input) }
    private var filters: Shape { Shape(1, 1, 1, geometry.outputChannels * geometry.filterCount) }

    func scratchFloats(_ pass: ConvolutionPass, threads: Int) -> Int {
        let tensors = input.count + output.count + method.scratchFloats(pass, threads: threads)
        return pass == .weightGradient ? tensors : tensors + filters.count
    }

    func forward(
        _ x: Tensor, _ filters: ConvolutionFilters, epilogue: ConvolutionEpilogue, into y: Tensor,
        workspace: Workspace, pool: ThreadPool
    ) {
        let memory = filters.prepared(.rounded, count: self.filters.count, workspace) {
            round(filters.weight, into: $0, pool)
        }
        let result = workspace.tensor(output)
        method.forward(
            widened(x, workspace, pool), ConvolutionFilters(memory.floats, keptIn: filters.kept), epilogue: epilogue,
            into: result, workspace: workspace, pool: pool)
        convert(result, into: y, pool: pool)
        withExtendedLifetime(memory) {}
    }

    func inputGradient(
        _ dy: Tensor, _ filters: ConvolutionFilters, into dx: Tensor, accumulate: Bool, workspace: Workspace,
        pool: ThreadPool
    ) {
        let rounded = workspace.tensor(self.filters)
        round(filters.weight, into: rounded, pool)
        let result = workspace.tensor(input)
        method.inputGradient(
            widened(dy, workspace, pool), ConvolutionFilters(rounded.floats), into: result, accumulate: false,
            workspace: workspace, pool: pool)
        if accumulate { addConverted(result, to: dx, pool: pool) } else { convert(result, into: dx, pool: pool) }
        withExtendedLifetime(rounded) {}
    }

    func addWeightGradient(
        _ x: Tensor, _ dy: Tensor, where y: Tensor?, to dWeight: UnsafeMutablePointer<Float>,
        _ dBias: UnsafeMutablePointer<Float>?, workspace: Workspace, pool: ThreadPool
    ) {
        maskGradient(dy, where: y, addingTo: dBias, workspace, pool)
        method.addWeightGradient(
            widened(x, workspace, pool), widened(dy, workspace, pool), where: nil, to: dWeight, nil,
            workspace: workspace, pool: pool)
    }

    private func widened(_ x: Tensor, _ workspace: Workspace, _ pool: ThreadPool) -> Tensor {
        let result = workspace.tensor(x.shape)
        convert(x, into: result, pool: pool)
        return result
    }

    private func round(_ weight: UnsafePointer<Float>, into rounded: Tensor, _ pool: ThreadPool) {
        let results = rounded.floats
        pool.parallelFor(filters.count, by: elementsPerChunk) { range, _ in
            for index in range { results[index] = BFloat16(weight[index]).float }
        }
    }
}
