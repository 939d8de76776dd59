import CSystem
package import Configuration
import FileAccess
import Kernels
import Layers
import Networks
package import Runs
import TensorCore
import Training

/// The step that is timed.
package struct StepOptions: Sendable {
    package var trunk: Trunk
    /// Rows and columns of the images.
    package var size: Int
    /// Images.
    package var batch: Int
    package var precision: Precision

    /// A step on `batch` images of `size` x `size` pixels.
    package init(trunk: Trunk, size: Int, batch: Int, precision: Precision = .float32) {
        (self.trunk, self.size, self.batch, self.precision) = (trunk, size, batch, precision)
    }

    /// The segmenter of that trunk, with the head that belongs to it.
    var model: ModelSettings {
        var model = ModelSettings()
        model.trunk = trunk
        model.head = trunk.isVGG ? .largeFOV : .aspp
        return model
    }
}

/// Times a step of training a segmenter with the noise-aware loss: forward, loss, backward, SGD (`bana bench step`).
///
/// - Throws: `InputError` for a Python that has no torch.
package func benchmarkStep(_ step: StepOptions, _ options: BenchmarkOptions, _ session: Session) throws -> RunEnd {
    let rivals = try options.rivals(session)
    let work = StepWork(step, session)
    let request = StepRequest(trunk: step.trunk.rawValue, size: step.size, batch: step.batch, classes: StepWork.classes)
    var heap: [Int] = []
    let comparison = try Comparison(options.repeats, against: rivals, request) { stopwatch in
        work.run { part in if part != .zeroing { stopwatch.finish(part.rawValue) } }
        heap.append(bana_heap_bytes())
    }
    let memory = StepMemory(peak: peakMemory(), heapGrowth: (heap.last ?? 0) - (heap.first ?? 0))
    let rival = rivals.first { $0.format == comparison.format }
    let profile = work.profile(options.repeats)
    let result = StepResult(step, comparison, memory, torchPeak: try rival?.peakMemory(), profile)
    print(result)
    try Results("step", result, options, session).write(to: options.json)
    return .finished
}

/// The request that `rival.py` understands.
private struct StepRequest: Encodable {
    let prepare = "step"
    let trunk: String
    let size, batch, classes: Int
}

/// A segmenter, and a batch of noise with labels that partly disagree.
struct StepWork {
    let objective: SegmenterObjective
    let optimizer: Optimizer
    let images: Tensor
    let labels: SegmentationLoss.Labels
    let context: StepContext
    private let labelMemory: [Buffer<UInt8>]

    /// VOC's.
    static let classes = 21

    init(_ step: StepOptions, _ session: Session) {
        let network = step.model.makeSegmenter(classes: StepWork.classes)
        network.arena.initialize(seed: 1, fromScratch: true)
        objective = SegmenterObjective(network, SegmentationLoss(kind: .noiseAware))
        optimizer = Optimizer(network.arena, SolverSettings())
        images = session.workspace.random(Shape(step.batch, step.size, step.size, 3))
        let (pixels, workspace) = (images.shape.pixels, session.workspace)
        let (crf, retrieval) = (
            workspace.buffer(of: UInt8.self, count: pixels), workspace.buffer(of: UInt8.self, count: pixels)
        )
        for pixel in 0..<pixels {
            let place = pixel / 64
            crf.data[pixel] = UInt8(place % StepWork.classes)
            retrieval.data[pixel] = UInt8((place + (place % 5 == 0 ? 1 : 0)) % StepWork.classes)
        }
        labelMemory = [crf, retrieval]
        labels = SegmentationLoss.Labels(crf: crf.data, retrieval: retrieval.data)
        var context = StepContext(mode: .training, workspace: workspace, pool: session.pool)
        context.positions = (0..<UInt64(step.batch)).map { $0 }
        context.precision = step.precision.elementType
        self.context = context
    }

    /// What a step consists of.
    enum Part: String { case zeroing, forward, backward, optimizer }

    /// One step, as the training loop takes it.
    ///
    /// - Parameters:
    ///   - trace: told what layers compute as they do.
    ///   - finished: called at the end of each part.
    func run(trace: ((LayerTrace) -> Void)? = nil, finished: (Part) -> Void) {
        var context = context
        context.trace = trace
        objective.arena.zeroGradients()
        finished(.zeroing)
        let pass = objective.forward(images, labels, progress: 0, context)
        let sums = objective.sums(of: pass)
        finished(.forward)
        objective.backward(pass, global: sums, context)
        finished(.backward)
        optimizer.step(rate: 1e-3, context.pool)
        finished(.optimizer)
    }
}

/// What the steps took of the machine's memory.
private struct StepMemory {
    /// Most bytes of the process.
    let peak: Double?
    /// Bytes by which the heap grew after the first step.
    let heapGrowth: Int
}

/// What was measured of a step.
private struct StepResult: Encodable, CustomStringConvertible {
    struct Side: Encodable {
        let seconds: Double
        let imagesPerSecond: Double
        let peakBytes: Double?

        init?(_ timings: Timings?, batch: Int, memory: Double?) {
            guard let seconds = timings?.total else { return nil }
            (self.seconds, imagesPerSecond, peakBytes) = (seconds, Double(batch) / seconds, memory)
        }
    }

    let trunk: String
    let precision: String
    let instructions: String
    let size: Int
    let batch: Int
    let bana: Side?
    let torch: Side?
    let torchFormat: String?
    let ratio: Double?
    let memoryRatio: Double?
    let heapGrowthBytes: Int
    let profile: StepProfile

    init(
        _ step: StepOptions, _ comparison: Comparison, _ memory: StepMemory, torchPeak: Double?, _ profile: StepProfile
    ) {
        (trunk, size, batch) = (step.trunk.rawValue, step.size, step.batch)
        precision = step.precision.elementType == .float32 ? "float32" : "bfloat16"
        instructions = Instructions.description
        bana = Side(comparison.ours, batch: step.batch, memory: memory.peak)
        torch = Side(comparison.theirs, batch: step.batch, memory: torchPeak)
        (torchFormat, ratio, self.profile) = (comparison.format?.rawValue, comparison.ratio, profile)
        memoryRatio = memory.peak.flatMap { ours in torchPeak.map { ours / $0 } }
        heapGrowthBytes = memory.heapGrowth
    }

    var description: String {
        let work = "\(trunk), \(size)x\(size), batch \(batch), \(precision) with \(instructions)"
        var table = TextTable([work, "s", "images/s", "peak GB"])
        for (name, side) in [("bana", bana), ("PyTorch, \(torchFormat ?? "")", torch)] {
            guard let side else { continue }
            table.append([
                name, number(side.seconds, digits: 3), number(side.imagesPerSecond, digits: 2),
                number(side.peakBytes.map { $0 * 1e-9 }, digits: 2),
            ])
        }
        if ratio != nil {
            table.append(["ratio", number(ratio, digits: 2), "", number(memoryRatio, digits: 2)])
        }
        return "\(profile)\n\n\(table)"
    }
}
