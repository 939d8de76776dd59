/// The colours of PASCAL VOC's label maps, one for each value of a byte: black for the background, cream for 255.
///
/// From the class number's lowest three bits on, each triple of bits gives one bit of red, green and blue, the highest
/// bits of the colours first.
package let vocPalette: [RGBColor] = (0..<256).map { label in
    (vocChannel(label, 0), vocChannel(label, 1), vocChannel(label, 2))
}

/// Bits `channel`, `channel + 3` and `channel + 6` of the label, as bits 7, 6 and 5.
private func vocChannel(_ label: Int, _ channel: Int) -> UInt8 {
    (0..<3).reduce(0) { color, bit in color | UInt8(label >> (3 * bit + channel) & 1) << (7 - bit) }
}
