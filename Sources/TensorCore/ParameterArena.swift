/// All weights in one block, all gradients in another of the same layout, and running statistics in a third.
///
/// Networks declare their tensors in forward order; zeroing, the optimizer, checkpoints and reduction over ranks are
/// loops over one range.
package final class ParameterArena {
    /// The learned tensors, in the order they were declared.
    package private(set) var parameters: [Parameter] = []
    /// Running statistics, saved with the weights but not learned.
    package private(set) var statistics: [Parameter] = []
    /// Number of floats in `values` and in `gradients`.
    package private(set) var count = 0
    /// Number of floats in `statisticValues`.
    package private(set) var statisticCount = 0

    private let valueMemory = Reservation(upTo: ParameterArena.capacity)
    private let gradientMemory = Reservation(upTo: ParameterArena.capacity)
    private let statisticMemory = Reservation(upTo: ParameterArena.capacity)

    private let changes = ChangeCount()

    private var firstValue: UnsafeMutablePointer<Float> { valueMemory.base.assumingMemoryBound(to: Float.self) }

    /// An arena without parameters.
    package init() {}

    /// All weights.
    package var values: UnsafePointer<Float> { UnsafePointer(firstValue) }

    /// All weights, for writing now; counts as a change. Do not keep the pointer.
    package func valuesForWriting() -> UnsafeMutablePointer<Float> {
        changes.count += 1
        return firstValue
    }
    /// All gradients, laid out as `values`.
    package var gradients: UnsafeMutablePointer<Float> { gradientMemory.base.assumingMemoryBound(to: Float.self) }
    /// All running statistics.
    package var statisticValues: UnsafeMutablePointer<Float> {
        statisticMemory.base.assumingMemoryBound(to: Float.self)
    }

    /// Declares a learned tensor; its value is zero until something sets it.
    ///
    /// - Parameters:
    ///   - name: the name in weight files.
    ///   - shape: the shape in weight files: `[out, in, height, width]` for a convolution, `[channels]` otherwise.
    package func declare(_ name: String, _ shape: [Int], role: Parameter.Role, start: Parameter.Start) -> Parameter {
        let parameter = Parameter(
            name: name, fileShape: shape, role: role, start: start, offset: count,
            value: firstValue + count, gradient: gradients + count, changes: changes)
        parameters.append(parameter)
        count += ParameterArena.padded(parameter.count)
        precondition(count * MemoryLayout<Float>.stride <= valueMemory.byteCount, "too many parameters at \(name)")
        return parameter
    }

    /// Declares running statistics of one value a channel.
    package func declareStatistics(_ name: String, channels: Int, start: Float) -> Parameter {
        let statistic = Parameter(
            name: name, fileShape: [channels], role: .statistics, start: .constant(start), offset: statisticCount,
            value: statisticValues + statisticCount, gradient: nil, changes: changes)
        statistics.append(statistic)
        statisticCount += ParameterArena.padded(statistic.count)
        return statistic
    }

    /// Sets every gradient to zero.
    package func zeroGradients() {
        gradients.update(repeating: 0, count: count)
    }

    /// Each tensor starts on a cache line.
    private static func padded(_ count: Int) -> Int { (count + 15) / 16 * 16 }
    private static let capacity = 8 << 30
}

/// How often the tensors of an arena have been handed out to be written.
final class ChangeCount {
    var count = 0
}
