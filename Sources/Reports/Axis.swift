import Foundation

/// A linear axis of a chart: where it begins and ends, its ticks, and how they are written.
package struct Axis: Equatable, Sendable {
    /// The values at its ends; never equal.
    package let range: ClosedRange<Double>
    /// Round numbers within the range, ascending.
    package let ticks: [Double]
    private let step: Double

    /// The axis from `low` to `high`, with about `count` ticks.
    ///
    /// - Parameters:
    ///   - smallestStep: between ticks; 1 for things that are counted.
    ///   - endsAtTicks: whether the axis is lengthened until a tick stands at each end.
    package init(
        from low: Double, to high: Double, count: Int, smallestStep: Double = 0, endsAtTicks: Bool = false
    ) {
        precondition(low.isFinite && high.isFinite && low <= high && count > 0, "\(count) ticks from \(low) to \(high)")
        // Beyond this, and closer together, differences of doubles are infinite or nothing.
        let (lowest, highest) = (max(low, -1e300), min(high, 1e300))
        let least = max(1e-300, 1e-9 * max(abs(lowest), abs(highest)))
        let margin = highest - lowest > least ? 0 : max(0.5, abs(lowest) / 2)
        let (low, high) = (lowest - margin, highest + margin)
        let step = max(smallestStep, roundNumber(near: (high - low) / Double(count)))
        let slack = 1e-9
        let first = endsAtTicks ? (low / step + slack).rounded(.down) : (low / step - slack).rounded(.up)
        let last = endsAtTicks ? (high / step - slack).rounded(.up) : (high / step + slack).rounded(.down)
        ticks = first <= last ? stride(from: first, through: last, by: 1).map { $0 * step } : []
        range = endsAtTicks ? (first * step)...(last * step) : low...high
        self.step = step
    }

    /// Where a value lies: 0 at the beginning of the axis, 1 at its end.
    package func position(of value: Double) -> Double {
        (value - range.lowerBound) / (range.upperBound - range.lowerBound)
    }

    /// A tick's number, with as many digits as tell it from its neighbours.
    package func label(_ tick: Double) -> String {
        if tick == 0 { return "0" }
        if step < 0.9e-3 || abs(tick) >= 1e12 { return scientific(tick) }
        if step >= 1 { return grouped(tick) }
        return String(format: "%.\(Int((-log10(step) - 1e-9).rounded(.up)))f", tick)
    }

    /// A mantissa and a power of ten: `2.5e-5`.
    private func scientific(_ tick: Double) -> String {
        let exponent = (log10(abs(tick)) + 1e-9).rounded(.down)
        let mantissa = String(format: "%.4g", tick / pow(10, exponent))
        return "\(mantissa)e\(Int(exponent))"
    }
}

/// The one of 1, 2 and 5, times a power of ten, that is nearest to `value` as a ratio.
private func roundNumber(near value: Double) -> Double {
    let power = pow(10, log10(value).rounded(.down))
    let candidates = [1, 2, 5, 10].map { $0 * power }
    return candidates.min { abs(log($0 / value)) < abs(log($1 / value)) } ?? value
}

/// A whole number, its thousands set apart: `23,805`.
package func grouped(_ number: Double) -> String {
    let digits = String(format: "%.0f", abs(number))
    let groups = stride(from: digits.count, to: 0, by: -3).map { end in
        String(digits.prefix(end).suffix(3))
    }
    return (number < 0 ? "-" : "") + groups.reversed().joined(separator: ",")
}
