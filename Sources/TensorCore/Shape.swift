/// Extents of a dense block of floats, channels last: a pixel's features are one contiguous vector.
package struct Shape: Hashable, Sendable {
    /// Images.
    package var n: Int
    /// Rows.
    package var h: Int
    /// Columns.
    package var w: Int
    /// Channels.
    package var c: Int

    /// The shape `n x h x w x c`.
    package init(_ n: Int, _ h: Int, _ w: Int, _ c: Int) {
        precondition(n >= 0 && h >= 0 && w >= 0 && c >= 0, "negative extent in \(n)x\(h)x\(w)x\(c)")
        (self.n, self.h, self.w, self.c) = (n, h, w, c)
    }

    /// Number of elements.
    package var count: Int { n * h * w * c }
    /// Number of feature vectors: images times rows times columns.
    package var pixels: Int { n * h * w }
    /// Floats whose memory the elements take where they are stored as `type`.
    package func floats(_ type: Tensor.ElementType) -> Int {
        (count * type.size + MemoryLayout<Float>.size - 1) / MemoryLayout<Float>.size
    }
    /// The shape of one image of the block.
    package var image: Shape { Shape(1, h, w, c) }
    /// The same pixels with another number of channels.
    package func with(channels: Int) -> Shape { Shape(n, h, w, channels) }
}

extension Shape: CustomStringConvertible {
    /// `2x41x41x512`.
    package var description: String { "\(n)x\(h)x\(w)x\(c)" }
}
