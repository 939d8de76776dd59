import FileAccess
import Kernels
import Layers
import Networks
import TensorCore
import Training

/// Where the time of a step goes: layer by layer, and by kind of work.
struct StepProfile: Encodable, CustomStringConvertible {
    struct Part: Encodable {
        let name: String
        let kind: String
        let forward: Double
        let backward: Double

        var seconds: Double { forward + backward }
    }

    let parts: [Part]

    private var seconds: Double { parts.reduce(0) { $0 + $1.seconds } }

    /// Each kind of work with the sum of its parts, in the order of their first.
    private var kinds: [Part] {
        var kinds: [String] = []
        for part in parts where !kinds.contains(part.kind) { kinds.append(part.kind) }
        return kinds.map { kind in
            let own = parts.filter { $0.kind == kind }
            return Part(
                name: kind, kind: kind, forward: own.reduce(0) { $0 + $1.forward },
                backward: own.reduce(0) { $0 + $1.backward })
        }
    }

    /// The layers that take a hundredth of the step or more; the rest in one.
    private var largestParts: [Part] {
        let rest = parts.filter { $0.seconds < 0.01 * seconds }
        let together = Part(
            name: "\(rest.count) others", kind: "", forward: rest.reduce(0) { $0 + $1.forward },
            backward: rest.reduce(0) { $0 + $1.backward })
        return parts.filter { $0.seconds >= 0.01 * seconds } + [together]
    }

    var description: String { "\(table("layer", largestParts))\n\n\(table("kind of work", kinds))" }

    private func table(_ head: String, _ parts: [Part]) -> TextTable {
        var table = TextTable([head, "forward ms", "backward ms", "% of step"])
        for part in parts {
            table.append([
                part.name, milliseconds(part.forward), milliseconds(part.backward),
                number(100 * part.seconds / seconds),
            ])
        }
        return table
    }
}

extension StepWork {
    /// Takes the step apart and times its parts; medians of `repeats` steps.
    func profile(_ repeats: Int) -> StepProfile {
        let network = objective.network
        let clocks = LayerClocks()
        let trunk = Sequential(network.trunk.layers.map { clocks.timed($0) })
        for _ in 0..<repeats { step(trunk, network, clocks) }
        return StepProfile(parts: clocks.parts)
    }

    /// The same work as `run`, every layer on a clock.
    private func step(_ trunk: Sequential, _ network: SegmentationNetwork, _ clocks: LayerClocks) {
        let (loss, workspace, pool) = (objective.criterion, context.workspace, context.pool)
        clocks.time("zero gradients", .forward) { network.arena.zeroGradients() }
        let (features, trunkSaved) = trunk.forward(images, context)
        let (coarse, saved) = clocks.time("classifier", .forward) { network.classifier.forward(features, context) }
        let cosines = workspace.tensor(images.shape.with(channels: network.classes))
        clocks.time("resize", .forward) { resizeBilinear(coarse, into: cosines, pool: pool) }
        let sums = clocks.time("loss", .forward) { loss.sums(cosines, labels, progress: 0, context) }
        guard let trunkSaved, let saved else { return }
        let fine = clocks.time("loss", .backward) {
            loss.gradient(cosines, labels, global: sums, progress: 0, context)
        }
        let gradient = workspace.tensor(coarse.shape)
        clocks.time("resize", .backward) {
            resizeBilinearGradient(fine, into: gradient, workspace: workspace, pool: pool)
        }
        let dFeatures = clocks.time("classifier", .backward) {
            network.classifier.backward(gradient, saved, context, needsInputGradient: true)
        }
        guard let dFeatures else { return }
        _ = trunk.backward(dFeatures, trunkSaved, context, needsInputGradient: false)
        clocks.time("SGD", .backward) { optimizer.step(rate: 1e-3, pool) }
    }
}

/// The times of all parts of a step, in the order they first came.
private final class LayerClocks {
    enum Direction { case forward, backward }

    private struct Clock {
        let name: String
        let kind: String
        var forward = Timings()
        var backward = Timings()
    }

    private var clocks: [Clock] = []
    /// What the layers within the one that runs have taken so far: it is not counted twice.
    private var secondsWithin = 0.0

    var parts: [StepProfile.Part] {
        clocks.map {
            .init(name: $0.name, kind: $0.kind, forward: $0.forward.total ?? 0, backward: $0.backward.total ?? 0)
        }
    }

    /// The layer with a clock of its own, and so the layers within a block.
    func timed(_ layer: some Layer) -> any Layer {
        let kind = "\(type(of: layer))"
        let name = (layer as? Convolution)?.weight.name ?? (layer as? BatchNorm)?.weight.name ?? kind
        clocks.append(Clock(name: name, kind: kind))
        let index = clocks.count - 1
        guard let block = layer as? Residual else { return TimedLayer(inner: layer, clocks: self, index: index) }
        let body = block.body.layers.map { timed($0) }
        let shortcut = block.shortcut?.layers.map { timed($0) }
        return TimedLayer(inner: Residual(body: body, norm: block.norm, shortcut: shortcut), clocks: self, index: index)
    }

    /// Times something that is no layer.
    func time<Result>(_ name: String, _ direction: Direction, _ body: () -> Result) -> Result {
        let index = clocks.firstIndex { $0.name == name } ?? clocks.count
        if index == clocks.count { clocks.append(Clock(name: name, kind: name)) }
        return time(index, direction, body)
    }

    func time<Result>(_ index: Int, _ direction: Direction, _ body: () -> Result) -> Result {
        let (start, before) = (ContinuousClock.now, secondsWithin)
        secondsWithin = 0
        let result = body()
        let seconds = start.duration(to: .now).seconds
        let own = ["": seconds - secondsWithin]
        switch direction {
        case .forward: clocks[index].forward.add(own)
        case .backward: clocks[index].backward.add(own)
        }
        secondsWithin = before + seconds
        return result
    }
}

/// A layer whose passes are timed.
private struct TimedLayer<Inner: Layer>: Layer {
    let inner: Inner
    let clocks: LayerClocks
    let index: Int

    typealias Saved = Inner.Saved

    var parameters: [Parameter] { inner.parameters }

    func outputShape(_ input: Shape) -> Shape { inner.outputShape(input) }

    func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        clocks.time(index, .forward) { inner.forward(x, context) }
    }

    func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, addingTo sum: Tensor) {
        clocks.time(index, .backward) { inner.backward(dy, saved, context, addingTo: sum) }
    }

    func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        clocks.time(index, .backward) { inner.backward(dy, saved, context, needsInputGradient: needsInputGradient) }
    }
}
