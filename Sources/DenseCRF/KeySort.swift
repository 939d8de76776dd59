/// Sorts `keys` of `keyBits` significant bits, ascending, and returns the place that each index came to.
///
/// Radix sort from the least significant digit.
func sortKeys(_ keys: UnsafeMutablePointer<UInt64>, keyBits: Int, count: Int, scratch: KeySortScratch) {
    let passes = max(1, (keyBits + digitBits - 1) / digitBits)
    var (source, target) = (scratch.first, scratch.second)
    for i in 0..<count { source[i] = KeyedIndex(key: keys[i], index: Int32(truncatingIfNeeded: i)) }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: 1 << digitBits) { places in
        guard let place = places.baseAddress else { return }
        for pass in 0..<passes {
            distribute(source, into: target, count: count, shift: UInt64(pass * digitBits), place)
            swap(&source, &target)
        }
    }
    for i in 0..<count {
        keys[i] = source[i].key
        scratch.rank[Int(source[i].index)] = Int32(truncatingIfNeeded: i)
    }
}

struct KeyedIndex {
    var key: UInt64
    var index: Int32
}

struct KeySortScratch {
    let first: UnsafeMutablePointer<KeyedIndex>
    let second: UnsafeMutablePointer<KeyedIndex>
    let rank: UnsafeMutablePointer<Int32>
}

/// One pass: a stable move to the places of one digit.
private func distribute(
    _ source: UnsafePointer<KeyedIndex>, into target: UnsafeMutablePointer<KeyedIndex>, count: Int, shift: UInt64,
    _ place: UnsafeMutablePointer<Int32>
) {
    let mask = UInt64(1 << digitBits - 1)
    place.update(repeating: 0, count: 1 << digitBits)
    for i in 0..<count { place[Int(truncatingIfNeeded: source[i].key &>> shift & mask)] &+= 1 }
    var start: Int32 = 0
    for digit in 0..<1 << digitBits {
        let size = place[digit]
        place[digit] = start
        start &+= size
    }
    for i in 0..<count {
        let digit = Int(truncatingIfNeeded: source[i].key &>> shift & mask)
        target[Int(place[digit])] = source[i]
        place[digit] &+= 1
    }
}

private let digitBits = 10
