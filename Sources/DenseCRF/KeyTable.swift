/// Numbers distinct keys in the order of their first occurrence.
///
/// A hash table with linear probing, at most half full; it starts small, to stay in the cache, and doubles.
struct KeyTable {
    /// A slot holds the number of a key, or -1.
    private let slots: UnsafeMutablePointer<Int32>
    private let distinct: UnsafeMutablePointer<UInt64>
    private var bits = KeyTable.fewestBits
    /// Distinct keys so far.
    private(set) var count = 0

    /// An empty table, with room in `slots` for `slotCount(for:)`, that lists the keys it meets in `distinct`.
    init(slots: UnsafeMutablePointer<Int32>, distinct: UnsafeMutablePointer<UInt64>) {
        (self.slots, self.distinct) = (slots, distinct)
        slots.update(repeating: -1, count: 1 << bits)
    }

    /// Slots that suffice for `keyCount` keys.
    static func slotCount(for keyCount: Int) -> Int { max(1 << fewestBits, 4 * keyCount) }

    /// The number of a key; a new key gets the next.
    @inline(__always) mutating func number(of key: UInt64) -> Int32 {
        var slot = firstSlot(key)
        while slots[slot] >= 0 {
            if distinct[Int(slots[slot])] == key { return slots[slot] }
            slot = (slot &+ 1) & (1 << bits - 1)
        }
        let number = Int32(truncatingIfNeeded: count)
        slots[slot] = number
        distinct[count] = key
        count += 1
        if 2 * count > 1 << bits { grow() }
        return number
    }

    private mutating func grow() {
        bits += 1
        slots.update(repeating: -1, count: 1 << bits)
        for number in 0..<count {
            var slot = firstSlot(distinct[number])
            while slots[slot] >= 0 { slot = (slot &+ 1) & (1 << bits - 1) }
            slots[slot] = Int32(truncatingIfNeeded: number)
        }
    }

    /// Multiplicative hashing: the high bits of a product with 2^64 over the golden ratio.
    @inline(__always) private func firstSlot(_ key: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) &>> UInt64(64 - bits))
    }

    private static let fewestBits = 12
}
