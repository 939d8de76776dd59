/// A named tensor of a network: a view into its `ParameterArena`.
///
/// Convolution weights are `[out, in, height, width]` in files and `[out][height][width][in]` in memory, so that they
/// meet the channels-last activations; everything else is laid out alike in both.
package final class Parameter {
    /// What a tensor is for; optimizer groups are made by it.
    package enum Role: Sendable {
        case weight, bias, normWeight, normBias, statistics
    }

    /// How a tensor is drawn when no weight file sets it.
    package enum Start: Equatable, Sendable {
        case constant(Float)
        /// Normal with this standard deviation.
        case normal(Float)
        /// Normal with standard deviation sqrt(2 / inputs of one output).
        case heNormal
    }

    /// The name in weight files.
    package let name: String
    /// The shape in weight files.
    package let fileShape: [Int]
    package let role: Role
    package let start: Start
    /// Position of the first element in its arena.
    package let offset: Int
    package let value: UnsafePointer<Float>
    /// Same layout as `value`. Running statistics have none and point at their value.
    package let gradient: UnsafeMutablePointer<Float>
    /// Whether it was taken from a file of start weights; if not, it is trained at the rate of new tensors.
    package var isPretrained = false
    /// Whether a gradient is wanted; false for running statistics and tensors with a multiplier of 0.
    package var isTrainable: Bool
    private let changes: ChangeCount

    init(
        name: String, fileShape: [Int], role: Role, start: Start, offset: Int,
        value: UnsafeMutablePointer<Float>, gradient: UnsafeMutablePointer<Float>?, changes: ChangeCount
    ) {
        (self.name, self.fileShape, self.role, self.start, self.offset) = (name, fileShape, role, start, offset)
        self.value = UnsafePointer(value)
        self.gradient = gradient ?? value
        self.changes = changes
        isTrainable = gradient != nil
    }

    /// Number of elements.
    package var count: Int { fileShape.reduce(1, *) }
    /// Where the elements lie in the arena.
    package var range: Range<Int> { offset..<offset + count }

    /// Changes whenever any tensor of the arena may have been written; key caches of derived data by it.
    package var version: Int { changes.count }

    /// The elements, for writing now; counts as a change. Do not keep the pointer.
    package func valueForWriting() -> UnsafeMutablePointer<Float> {
        changes.count += 1
        return UnsafeMutablePointer(mutating: value)
    }

    /// Sets the value from elements in the order of weight files.
    package func setValue(fileOrder source: UnsafePointer<Float>) {
        set(valueForWriting(), fileOrder: source)
    }

    /// Sets `memory` (`value`, `gradient` or momentum of this tensor) from elements in the order of weight files.
    package func set(_ memory: UnsafeMutablePointer<Float>, fileOrder source: UnsafePointer<Float>) {
        forEachElement { position, file in memory[position] = source[file] }
    }

    /// The elements of `memory` (`value`, `gradient` or momentum of this tensor) in the order of weight files.
    package func fileOrder(_ memory: UnsafePointer<Float>) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { target, initialized in
            forEachElement { position, file in target[file] = memory[position] }
            initialized = count
        }
    }

    /// Calls `body` with each element's index in memory and its index in files.
    private func forEachElement(_ body: (_ memory: Int, _ file: Int) -> Void) {
        guard fileShape.count == 4 else {
            for index in 0..<count { body(index, index) }
            return
        }
        let (inputs, area) = (fileShape[1], fileShape[2] * fileShape[3])
        for output in 0..<fileShape[0] {
            for input in 0..<inputs {
                for tap in 0..<area {
                    body((output * area + tap) * inputs + input, (output * inputs + input) * area + tap)
                }
            }
        }
    }
}
