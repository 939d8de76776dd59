package import Configuration
import FileAccess
import Kernels
package import Runs
import TensorCore

/// Times the three passes of the convolutions listed in a file (`bana bench layers`).
///
/// - Throws: `InputError` for a bad file, or a Python that has no torch.
package func benchmarkLayers(
    _ file: String, _ precision: Precision, _ options: BenchmarkOptions, _ session: Session
) throws -> RunEnd {
    let shapes = try LayerShapes(contentsOf: file)
    let rivals = try options.rivals(session)
    let type = precision.elementType
    let tiles = type == .bfloat16 ? TileProducts.chosen : nil
    let peak =
        (tiles?.measuredPeak() ?? PanelProducts.chosen.measuredPeak()) * Double(session.pool.threadCount)
    let results = try shapes.layers.map { shape in
        let comparison = try LayerWork(shape, type, batch: shapes.batch, session).compare(options.repeats, rivals)
        return LayerResult(shape, batch: shapes.batch, peak: peak, comparison)
    }
    let threads = "\(session.pool.threadCount) threads with \(Instructions.description)"
    let products = type == .float32 ? "float32" : tiles == nil ? "bfloat16, widened to float32" : "bfloat16"
    print("\(products), \(threads), which can do \(number(peak * 1e-9)) GF/s; batch \(shapes.batch)")
    print(table(of: results))
    try Results("layers", results, options, session).write(to: options.json)
    return .finished
}

/// A convolution with bias and ReLU, and what it works on.
private struct LayerWork {
    let shape: LayerShape
    let batch: Int
    let session: Session
    let x: Tensor
    let y: Tensor
    let dy: Tensor
    let dx: Tensor
    let weight: Tensor
    let dWeight: Tensor
    let bias: Tensor
    let dBias: Tensor
    let plan: ConvolutionPlan

    init(_ shape: LayerShape, _ type: Tensor.ElementType, batch: Int, _ session: Session) {
        (self.shape, self.batch, self.session) = (shape, batch, session)
        let workspace = session.workspace
        let input = Shape(batch, shape.size, shape.size, shape.inputs)
        plan = ConvolutionPlan(shape.geometry, input, type)
        let filters = Shape(shape.outputs, shape.kernel, shape.kernel, shape.inputs)
        x = workspace.random(input, as: type)
        y = workspace.tensor(plan.output, type)
        dy = workspace.random(y.shape, as: type)
        dx = workspace.tensor(input, type)
        weight = workspace.random(filters, deviation: 0.01)
        dWeight = workspace.zeros(filters)
        bias = workspace.random(Shape(1, 1, 1, shape.outputs))
        dBias = workspace.zeros(bias.shape)
    }

    /// The request that `rival.py` understands.
    private struct Request: Encodable {
        let prepare = "layer"
        let batch, size, kernel, stride, dilation, padding, inputs, outputs: Int
    }

    func compare(_ repeats: Int, _ rivals: [Rival]) throws -> Comparison {
        let geometry = shape.geometry
        let request = Request(
            batch: batch, size: shape.size, kernel: geometry.kernel, stride: geometry.stride,
            dilation: geometry.dilation, padding: geometry.padding, inputs: geometry.inputChannels,
            outputs: geometry.outputChannels)
        return try Comparison(repeats, against: rivals, request) { stopwatch in run(&stopwatch) }
    }

    private func run(_ stopwatch: inout Stopwatch) {
        plan.forward(
            x, ConvolutionFilters(weight.floats), ConvolutionEpilogue(bias: UnsafePointer(bias.floats), relu: true),
            into: y,
            workspace: session.workspace, pool: session.pool)
        stopwatch.finish(LayerPass.forward.rawValue)
        backward(ConvolutionGradients(weight: dWeight.floats, bias: dBias.floats), where: y)
        stopwatch.finish(LayerPass.weightGradient.rawValue)
        guard shape.needsInputGradient else { return }
        backward(ConvolutionGradients(input: dx), where: nil)
        stopwatch.finish(LayerPass.inputGradient.rawValue)
    }

    private func backward(_ gradients: ConvolutionGradients, where y: Tensor?) {
        plan.backward(
            dy, where: y, x, ConvolutionFilters(weight.floats), into: gradients, workspace: session.workspace,
            pool: session.pool)
    }
}

private enum LayerPass: String, CaseIterable {
    case forward, inputGradient = "input gradient", weightGradient = "weight gradient"
}

/// What was measured of one kind of layer.
private struct LayerResult: Encodable {
    struct Pass: Encodable {
        let pass: String
        let seconds: Double
        let gflops: Double
        /// Of what the threads can do; above 1 where an algorithm saves multiplications.
        let shareOfPeak: Double
        let torchSeconds: Double?
    }

    let name: String
    let times: Int
    let passes: [Pass]
    let torchFormat: String?
    let ratio: Double?

    init(_ shape: LayerShape, batch: Int, peak: Double, _ comparison: Comparison) {
        (name, times) = (shape.name, shape.times ?? 1)
        (torchFormat, ratio) = (comparison.format?.rawValue, comparison.ratio)
        let operations = shape.operations(batch: batch)
        passes = LayerPass.allCases.map(\.rawValue).compactMap { pass in
            guard let seconds = comparison.ours[pass] else { return nil }
            return Pass(
                pass: pass, seconds: seconds, gflops: operations / seconds * 1e-9,
                shareOfPeak: operations / seconds / peak, torchSeconds: comparison.theirs?[pass])
        }
    }

    var seconds: Double { passes.reduce(0) { $0 + $1.seconds } }
    var torchSeconds: Double? {
        torchFormat == nil ? nil : passes.reduce(0) { $0 + ($1.torchSeconds ?? 0) }
    }
}

private func table(of results: [LayerResult]) -> TextTable {
    var table = TextTable(["layer", "times", "pass", "ms", "GF/s", "% of peak", "torch ms", "ratio"])
    for result in results {
        for pass in result.passes {
            let ratio = pass.torchSeconds.map { $0 / pass.seconds }
            table.append([
                result.name, "\(result.times)", pass.pass, milliseconds(pass.seconds), number(pass.gflops),
                number(pass.shareOfPeak * 100, digits: 0), milliseconds(pass.torchSeconds), number(ratio, digits: 2),
            ])
        }
    }
    let seconds = results.reduce(0) { $0 + Double($1.times) * $1.seconds }
    let torch = results.compactMap { result in result.torchSeconds.map { $0 * Double(result.times) } }.reduce(0, +)
    let ratio = torch > 0 ? torch / seconds : nil
    table.append([
        "together", "", "", milliseconds(seconds), "", "", milliseconds(ratio.map { _ in torch }),
        number(ratio, digits: 2),
    ])
    return table
}

extension Workspace {
    /// A tensor of normal random numbers.
    func random(_ shape: Shape, deviation: Float = 1, as type: Tensor.ElementType = .float32) -> Tensor {
        let tensor = tensor(shape, type)
        // A short stream over and over: kernels cannot tell, and drawing many numbers takes long.
        let random = RandomStream(seed: 1, purpose: .initialization, position: 0)
        let drawn = (0..<min(shape.count, 65_521)).map { Float(random.normal($0)) * deviation }
        for start in stride(from: 0, to: shape.count, by: drawn.count) {
            let count = min(drawn.count, shape.count - start)
            switch type {
            case .float32: (tensor.floats + start).update(from: drawn, count: count)
            case .bfloat16: convert(drawn, into: tensor.bfloat16s + start, count: count)
            }
        }
        return tensor
    }
}
