import FileAccess
import TensorCore

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
    /// Times the parts of the step, by the traces of its layers; medians of `repeats` steps.
    func profile(_ repeats: Int) -> StepProfile {
        var clocks = LayerClocks()
        for _ in 0..<repeats {
            clocks.begin()
            run { trace in
                clocks.finish(trace.layer, trace.kind, trace.pass)
            } finished: { part in
                switch part {
                case .zeroing: clocks.finish("zero gradients", "zero gradients", .forward)
                // What follows the last trace of forward are the loss's sums.
                case .forward: clocks.finish("loss", "loss", .forward)
                case .backward: break
                case .optimizer: clocks.finish("SGD", "SGD", .backward)
                }
            }
            clocks.end()
        }
        return StepProfile(parts: clocks.parts)
    }
}

/// The times of all parts of a step, in the order they first came.
///
/// A part has taken the time since the part before it was finished; so a block's time is without that of the layers within
/// it.
private struct LayerClocks {
    private struct Clock {
        let name: String
        let kind: String
        /// In the step at hand.
        var seconds: [LayerTrace.Pass: Double] = [:]
        var forward = Timings()
        var backward = Timings()
    }

    private var clocks: [Clock] = []
    private var last = ContinuousClock.now

    var parts: [StepProfile.Part] {
        clocks.map {
            .init(name: $0.name, kind: $0.kind, forward: $0.forward.total ?? 0, backward: $0.backward.total ?? 0)
        }
    }

    /// Begins a step.
    mutating func begin() { last = .now }

    /// Ends a step.
    mutating func end() {
        for index in clocks.indices {
            clocks[index].forward.add(["": clocks[index].seconds[.forward] ?? 0])
            clocks[index].backward.add(["": clocks[index].seconds[.backward] ?? 0])
            clocks[index].seconds = [:]
        }
    }

    /// Notes the time since the last part's end.
    mutating func finish(_ name: String, _ kind: String, _ pass: LayerTrace.Pass) {
        let now = ContinuousClock.now
        let index = clocks.firstIndex { $0.name == name && $0.kind == kind } ?? clocks.count
        if index == clocks.count { clocks.append(Clock(name: name, kind: kind)) }
        clocks[index].seconds[pass, default: 0] += last.duration(to: now).seconds
        last = now
    }
}
