extension RGBImage {
    /// The picture scaled by `factor`, bilinearly, its values truncated to 8 bits.
    package func scaled(by factor: Double) -> RGBImage {
        scaledValues(by: factor).truncated()
    }

    /// The picture scaled by `factor`, bilinearly, its values as they come: reals in 0...255.
    ///
    /// A side of n pixels becomes round(n * factor), half to even and at least 1; pixel i samples the source at
    /// (i + 0.5) / factor - 0.5, moved to the border pixel's centre where it lies beyond.
    package func scaledValues(by factor: Double) -> FloatImage {
        let columns = BilinearSample.along(width, scaledBy: factor)
        let rows = BilinearSample.along(height, scaledBy: factor)
        var upper = ScaledRow(width: columns.count)
        var lower = ScaledRow(width: columns.count)
        var values = [Float](repeating: 0, count: rows.count * columns.count * 3)
        for (y, row) in rows.enumerated() {
            if row.first == lower.index { swap(&upper, &lower) }
            upper.fill(row: row.first, of: self, columns)
            lower.fill(row: row.second, of: self, columns)
            interpolate(upper.values, lower.values, weight: row.weight, into: &values, at: y * columns.count * 3)
        }
        return FloatImage(width: columns.count, height: rows.count, values: values)
    }
}

extension LabelMap {
    /// The map scaled by `factor`: pixel i takes the label of pixel floor(i / factor).
    ///
    /// Sizes are those of `RGBImage.scaled(by:)`.
    package func scaled(by factor: Double) -> LabelMap {
        let columns = nearestSamples(along: width, scaledBy: factor)
        let rows = nearestSamples(along: height, scaledBy: factor)
        let labels = [UInt8](unsafeUninitializedCapacity: columns.count * rows.count) { labels, initialized in
            pixels.withUnsafeBufferPointer { pixels in
                for row in rows {
                    for column in columns {
                        labels[initialized] = pixels[row * width + column]
                        initialized += 1
                    }
                }
            }
        }
        return LabelMap(width: columns.count, height: rows.count, pixels: labels)
    }
}

/// The length of a side of `size` pixels after scaling: round(size * factor), half to even, at least 1.
package func scaledSize(_ size: Int, by factor: Double) -> Int {
    precondition(factor > 0 && factor.isFinite, "scale factor \(factor)")
    return max(1, Int((Double(size) * factor).rounded(.toNearestOrEven)))
}

private func nearestSamples(along size: Int, scaledBy factor: Double) -> [Int] {
    (0..<scaledSize(size, by: factor)).map { min(Int(Double($0) / factor), size - 1) }
}

/// Two neighbouring pixels of a side and the second one's weight.
private struct BilinearSample {
    let first: Int
    let second: Int
    let weight: Float

    /// One sample for every pixel of a side of `size` pixels after scaling.
    static func along(_ size: Int, scaledBy factor: Double) -> [BilinearSample] {
        (0..<scaledSize(size, by: factor)).map { pixel in
            let source = min(max((Double(pixel) + 0.5) / factor - 0.5, 0), Double(size - 1))
            let first = Int(source)
            return BilinearSample(first: first, second: min(first + 1, size - 1), weight: Float(source - Double(first)))
        }
    }
}

/// A row of the source scaled in width only; two neighbours serve many rows of the result.
private struct ScaledRow {
    private(set) var index = -1
    private(set) var values: [Float]

    init(width: Int) {
        values = [Float](repeating: 0, count: width * 3)
    }

    /// Scales row `row` of the image, unless it is the one held.
    mutating func fill(row: Int, of image: RGBImage, _ columns: [BilinearSample]) {
        if row == index { return }
        index = row
        values.withUnsafeMutableBufferPointer { values in
            image.pixels.withUnsafeBufferPointer { pixels in
                for (x, column) in columns.enumerated() {
                    let left = 3 * (row * image.width + column.first)
                    let right = 3 * (row * image.width + column.second)
                    for channel in 0..<3 {
                        let (a, b) = (Float(pixels[left + channel]), Float(pixels[right + channel]))
                        values[3 * x + channel] = lerp(a, b, column.weight)
                    }
                }
            }
        }
    }
}

private func interpolate(_ upper: [Float], _ lower: [Float], weight: Float, into values: inout [Float], at start: Int) {
    values.withUnsafeMutableBufferPointer { values in
        for i in 0..<upper.count { values[start + i] = lerp(upper[i], lower[i], weight) }
    }
}

/// Between `a` and `b`. Equal numbers give exactly themselves, so that truncation does not darken an even area.
@inline(__always)
private func lerp(_ a: Float, _ b: Float, _ weight: Float) -> Float {
    a + weight * (b - a)
}
