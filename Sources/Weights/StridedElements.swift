import FileAccess
import Foundation

/// The elements of a tensor that may be a view: transposed, a part, or one element given out again and again.
struct StridedElements {
    /// From the first element to the last.
    let bytes: Data
    private let shape: [Int]
    /// Where an axis has one place, its stride is of no matter, and 0 here.
    private let strides: [Int]

    /// As many elements as an expanded tensor may have: 1 GB of floats, more than any layer's.
    private static let maxExpanded = 1 << 28

    /// The elements of a tensor in the bytes of its storage; `place` names it in messages.
    ///
    /// - Throws: `InputError` if they do not lie within the storage.
    init(of tensor: PickledTensor, in storage: Data, named place: String) throws {
        let size = tensor.type.size
        let shape = tensor.shape
        guard let count = product(shape), tensor.strides.count == shape.count, tensor.offset >= 0,
            let reach = reach(shape, tensor.strides, count: count)
        else {
            throw InputError("has an impossible shape \(describe(shape))", at: place, remedy: "get a sound copy")
        }
        let part = tensor.storage.part ?? (0, storage.count / size)
        let (partEnd, partOverflow) = part.offset.addingReportingOverflow(part.count)
        let (end, overflow) = tensor.offset.addingReportingOverflow(reach)
        guard !partOverflow, part.offset >= 0, part.count >= 0, partEnd <= storage.count / size, !overflow,
            end <= part.count
        else {
            throw InputError(
                "\(describe(shape)) elements of \(tensor.type.rawValue) do not fit into storage "
                    + "\(shortened(tensor.storage.key)), of \(storage.count) bytes",
                at: place, remedy: "get a sound copy")
        }
        guard count <= max(part.count, StridedElements.maxExpanded) else {
            throw InputError(
                "repeats \(reach) elements to \(count), as \(describe(shape))", at: place, remedy: "get a sound copy")
        }
        self.shape = shape
        strides = zip(shape, tensor.strides).map { extent, stride in extent == 1 ? 0 : stride }
        bytes = storage.dropFirst((part.offset + tensor.offset) * size).prefix(reach * size)
    }

    /// The elements in the order of PyTorch; `floats` are those of `bytes`.
    func inRowMajorOrder(_ floats: [Float]) -> [Float] {
        let count = shape.reduce(1, *)
        if count == 0 || isRowMajor { return floats }
        return [Float](unsafeUninitializedCapacity: count) { target, initialized in
            var index = [Int](repeating: 0, count: shape.count)
            var source = 0
            for place in 0..<count {
                target[place] = floats[source]
                for axis in shape.indices.reversed() {
                    index[axis] += 1
                    source += strides[axis]
                    if index[axis] < shape[axis] { break }
                    source -= strides[axis] * shape[axis]
                    index[axis] = 0
                }
            }
            initialized = count
        }
    }

    private var isRowMajor: Bool {
        var step = 1
        for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
            if stride != step { return false }
            step *= extent
        }
        return true
    }
}

/// Elements from the first to the last; `nil` for strides that no memory has.
private func reach(_ shape: [Int], _ strides: [Int], count: Int) -> Int? {
    guard count > 0 else { return 0 }
    var last = 0
    for (extent, step) in zip(shape, strides) {
        let (distance, overflow) = (extent - 1).multipliedReportingOverflow(by: step)
        let (sum, overflowed) = last.addingReportingOverflow(distance)
        guard step >= 0, !overflow, !overflowed, sum < Int.max / 16 else { return nil }
        last = sum
    }
    return last + 1
}

/// The number of elements of a shape; `nil` if no `Int` can hold it.
private func product(_ shape: [Int]) -> Int? {
    shape.reduce(1) { product, extent in
        guard let product, extent >= 0 else { return nil }
        let (result, overflow) = product.multipliedReportingOverflow(by: extent)
        return overflow ? nil : result
    }
}

/// A shape as messages show it, of at most 8 axes.
func describe(_ shape: [Int]) -> String {
    shape.count > 8 ? "[\(shape.prefix(8).map(String.init).joined(separator: ", ")), ...]" : "\(shape)"
}
