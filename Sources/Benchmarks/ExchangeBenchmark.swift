import Communication
package import Configuration
import FileAccess
import Kernels
import Networks
package import Runs
import TensorCore

/// Times the sum over ranks of the gradients of a segmenter, in each of the formats they can travel in, in turn
/// (`bana bench exchange`).
///
/// - Throws: `InputError` in one process.
package func benchmarkExchange(
    of trunk: Trunk, _ options: BenchmarkOptions, _ session: Session
) throws -> RunEnd {
    guard session.communicator.size > 1 else {
        throw InputError("one process exchanges no gradients", remedy: "start several: launch/run -n 2 bench exchange")
    }
    let work = ExchangeWork(trunk, session.communicator)
    for format in work.formats { try work.run(format) }
    for _ in 0..<options.repeats {
        for format in work.formats { try work.run(format, isTimed: true) }
    }
    guard session.communicator.isRoot else { return .finished }
    let results = work.results
    print("\(work.count) gradients of \(trunk.rawValue), \(session.communicator.size) ranks")
    print(ExchangeResult.table(results))
    try Results("exchange", results, options, session).write(to: options.json)
    return .finished
}

/// What was measured of a format.
private struct ExchangeResult: Encodable {
    let format: String
    let seconds: Double?
    /// Those a rank sends for one sum.
    let bytesSent: Int
    /// Of the sums, relative to those of float32 (L2).
    let error: Double
    /// How many times as long float32 takes.
    var ratio: Double?

    static func table(_ results: [ExchangeResult]) -> TextTable {
        var table = TextTable(["exchange", "ms", "ratio", "MB sent", "error"])
        for result in results {
            table.append([
                result.format, milliseconds(result.seconds), number(result.ratio, digits: 2),
                number(Double(result.bytesSent) * 1e-6), number(result.error, digits: 5),
            ])
        }
        return table
    }
}

/// A segmenter's gradients, and the ways they can travel.
private final class ExchangeWork {
    let formats = Tensor.ElementType.allCases
    private let communicator: Communicator
    private let arena: ParameterArena
    private let exchanges: [Tensor.ElementType: GradientReduction]
    private var seconds: [Tensor.ElementType: [Double]] = [:]
    private var sums: [Tensor.ElementType: [Float]] = [:]

    var count: Int { arena.count }

    init(_ trunk: Trunk, _ communicator: Communicator) {
        let arena = StepOptions(trunk: trunk, size: 65, batch: 1).model.makeSegmenter(classes: StepWork.classes).arena
        (self.arena, self.communicator) = (arena, communicator)
        let parts = arena.parameters.map(\.range)
        exchanges = Dictionary(
            uniqueKeysWithValues: formats.map {
                ($0, GradientReduction(arena.gradients, learned: parts, over: communicator, as: $0))
            })
    }

    /// Adds up noise, from the moment when all ranks are ready to that when all have the sums.
    func run(_ format: Tensor.ElementType, isTimed: Bool = false) throws {
        guard let exchange = exchanges[format] else { return }
        makeNoise()
        try communicator.barrier()
        var stopwatch = Stopwatch()
        exchange.begin()
        for parameter in arena.parameters.reversed() { exchange.ready(parameter.range) }
        try exchange.finish()
        try communicator.barrier()
        stopwatch.finish(format.rawValue)
        if isTimed {
            seconds[format, default: []] += stopwatch.parts.values
        } else {
            sums[format] = Array(UnsafeBufferPointer(start: arena.gradients, count: count))
        }
    }

    /// A rank's own, the same in every run.
    private func makeNoise() {
        var state = UInt32(communicator.rank) &* 2_654_435_761 &+ 1
        for index in 0..<count {
            state = state &* 1_664_525 &+ 1_013_904_223
            arena.gradients[index] = Float(Int32(bitPattern: state)) * 0x1p-40
        }
    }

    var results: [ExchangeResult] {
        let exact = sums[.float32] ?? []
        let slowest = median(seconds[.float32] ?? [])
        return formats.map { format in
            let times = median(seconds[format] ?? [])
            let runs = 1 + (seconds[format]?.count ?? 0)
            return ExchangeResult(
                format: format.rawValue, seconds: times, bytesSent: (exchanges[format]?.bytesSent ?? 0) / runs,
                error: relativeError(sums[format] ?? [], exact), ratio: slowest.flatMap { s in times.map { s / $0 } })
        }
    }

    private func relativeError(_ found: [Float], _ exact: [Float]) -> Double {
        var (difference, size) = (0.0, 0.0)
        for (a, b) in zip(found, exact) {
            difference += Double(a - b) * Double(a - b)
            size += Double(b) * Double(b)
        }
        return (difference / size).squareRoot()
    }
}
