/// COCO's compressed form: each count as digits of five bits, the lowest first, in characters from '0' on; from the
/// fourth count on, the difference to the last but one. A digit's bit 5 says that more follow; bit 4 of the last one is
/// the sign.
extension RunLengths {
    /// The runs as COCO's text.
    package var text: String {
        var text: [UInt8] = []
        text.reserveCapacity(counts.count * 2)
        for (index, count) in counts.enumerated() {
            var value = Int(count) - (index > 2 ? Int(counts[index - 2]) : 0)
            var hasMore = true
            while hasMore {
                let digit = value & 0x1F
                value >>= 5
                hasMore = value != (digit & 0x10 != 0 ? -1 : 0)
                text.append(UInt8(digit | (hasMore ? 0x20 : 0)) + 48)
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// The mask that COCO's text describes; `nil` if it is broken, or not of this size.
    package init?(width: Int, height: Int, text: String) {
        var counts: [UInt32] = []
        var (value, shift) = (0, 0)
        for character in text.utf8 {
            guard (48..<112).contains(character), shift <= 35 else { return nil }
            let digit = Int(character) - 48
            value |= (digit & 0x1F) << shift
            shift += 5
            if digit & 0x20 != 0 { continue }
            if digit & 0x10 != 0 { value |= -1 << shift }
            if counts.count > 2 { value += Int(counts[counts.count - 2]) }
            guard let count = UInt32(exactly: value) else { return nil }
            counts.append(count)
            (value, shift) = (0, 0)
        }
        guard shift == 0 else { return nil }
        self.init(width: width, height: height, counts: counts)
    }
}
