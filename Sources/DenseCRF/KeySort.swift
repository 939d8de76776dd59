/// A key and its index before sorting.
struct IndexedKey {
    var key: UInt64
    var index: Int32
}

/// Sorts `count` distinct keys of `bits` significant bits, and writes the place that each index came to.
///
/// Radix sort from the least significant digit. `scratch` has room for two entries a key.
func sortKeys(
    _ keys: UnsafeMutablePointer<UInt64>, count: Int, bits: Int, places: UnsafeMutablePointer<Int32>,
    scratch: UnsafeMutablePointer<IndexedKey>
) {
    var (source, target) = (scratch, scratch + count)
    for i in 0..<count { source[i] = IndexedKey(key: keys[i], index: Int32(truncatingIfNeeded: i)) }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: digitCount) { buffer in
        guard let starts = buffer.baseAddress else { return }
        for shift in stride(from: 0, to: bits, by: digitBits) {
            distribute(source, into: target, count: count, shift: UInt64(shift), starts)
            swap(&source, &target)
        }
    }
    for i in 0..<count {
        keys[i] = source[i].key
        places[Int(source[i].index)] = Int32(truncatingIfNeeded: i)
    }
}

/// One pass: a stable move to the places of one digit.
private func distribute(
    _ source: UnsafePointer<IndexedKey>, into target: UnsafeMutablePointer<IndexedKey>, count: Int, shift: UInt64,
    _ starts: UnsafeMutablePointer<Int32>
) {
    starts.update(repeating: 0, count: digitCount)
    for i in 0..<count { starts[digit(of: source[i].key, shift)] &+= 1 }
    var start: Int32 = 0
    for digit in 0..<digitCount {
        (starts[digit], start) = (start, start &+ starts[digit])
    }
    for i in 0..<count {
        let digit = digit(of: source[i].key, shift)
        target[Int(starts[digit])] = source[i]
        starts[digit] &+= 1
    }
}

@inline(__always) private func digit(of key: UInt64, _ shift: UInt64) -> Int {
    Int(truncatingIfNeeded: key &>> shift) & (digitCount - 1)
}

private let digitBits = 8
private let digitCount = 1 << digitBits
