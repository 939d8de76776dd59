extension Geometry {
    /// The window of an image: bilinear samples, truncated to 8 bits; the mean colour in the padding.
    package func apply(to image: RGBImage) -> RGBImage {
        let (columns, rows) = axes(width: image.width, height: image.height)
        let pixels = [UInt8](unsafeUninitializedCapacity: width * height * 3) { window, count in
            image.pixels.withUnsafeBufferPointer { source in
                guard let window = window.baseAddress, let source = source.baseAddress else { return }
                fillBilinear(window, rows, columns, from: source, sourceWidth: image.width)
            }
            count = width * height * 3
        }
        return RGBImage(width: width, height: height, pixels: pixels)
    }

    /// The window of a map: nearest samples; `padding` where the window reaches beyond the map.
    package func apply(to map: LabelMap, padding: UInt8) -> LabelMap {
        let (columns, rows) = axes(width: map.width, height: map.height)
        var pixels = [UInt8](repeating: padding, count: width * height)
        pixels.withUnsafeMutableBufferPointer { window in
            map.pixels.withUnsafeBufferPointer { source in
                for i in rows.inside {
                    let first = rows[i].nearest * map.width
                    for j in columns.inside { window[i * width + j] = source[first + columns[j].nearest] }
                }
            }
        }
        return LabelMap(width: width, height: height, pixels: pixels)
    }

    private func axes(width sourceWidth: Int, height sourceHeight: Int) -> (columns: Axis, rows: Axis) {
        let rows = Axis(scale: scale, source: sourceHeight, scaled: scaledHeight, start: y, count: height)
        var columns = Axis(scale: scale, source: sourceWidth, scaled: scaledWidth, start: x, count: width)
        if isFlipped { columns.flip() }
        return (columns, rows)
    }
}

/// Where the pixels of a window come from, along its rows or its columns.
private struct Axis {
    /// The two source pixels around a window's pixel and the second one's weight; the pixel nearest sampling takes.
    struct Source {
        let first: Int, second: Int, weight: Float, nearest: Int
    }

    /// The window's pixels that lie in the image; the others are padding.
    var inside: Range<Int>
    private var sources: [Source]
    /// Number of the window's pixels.
    let count: Int

    init(scale: Double, source: Int, scaled: Int, start: Int, count: Int) {
        inside = min(max(0, -start), count)..<min(max(0, scaled - start), count)
        self.count = count
        let last = source - 1
        sources = inside.map { pixel in
            let position = Double(pixel + start)
            let center = min(max((position + 0.5) / scale - 0.5, 0), Double(last))
            let first = Int(center)
            return Source(
                first: first, second: min(first + 1, last), weight: Float(center - Double(first)),
                nearest: min(Int(position / scale), last))
        }
    }

    subscript(pixel: Int) -> Source { sources[pixel - inside.lowerBound] }

    /// The source pixels that are needed.
    var span: Range<Int> {
        guard let start = sources.first, let end = sources.last else { return 0..<0 }
        return min(start.first, end.first)..<max(start.second, end.second) + 1
    }

    mutating func flip() {
        sources.reverse()
        inside = count - inside.upperBound..<count - inside.lowerBound
    }
}

/// Colour of the padding: the mean of ImageNet, in 8 bits.
private let meanColor: [UInt8] = [123, 117, 104]

/// Fills a window row by row: two source rows are blended, then the blend's columns.
private func fillBilinear(
    _ window: UnsafeMutablePointer<UInt8>, _ rows: Axis, _ columns: Axis, from source: UnsafePointer<UInt8>,
    sourceWidth: Int
) {
    let blend = UnsafeMutablePointer<Float>.allocate(capacity: sourceWidth * 3)
    defer { blend.deallocate() }
    let needed = columns.span.lowerBound * 3..<columns.span.upperBound * 3
    for i in 0..<rows.count {
        let row = window + i * columns.count * 3
        guard rows.inside.contains(i) else {
            fillMeanColor(row, 0..<columns.count)
            continue
        }
        let (above, below) = (source + rows[i].first * sourceWidth * 3, source + rows[i].second * sourceWidth * 3)
        blendRows(above, below, rows[i].weight, needed, into: blend)
        fillMeanColor(row, 0..<columns.inside.lowerBound)
        blendColumns(of: blend, columns, into: row)
        fillMeanColor(row, columns.inside.upperBound..<columns.count)
    }
}

private func fillMeanColor(_ row: UnsafeMutablePointer<UInt8>, _ columns: Range<Int>) {
    for column in columns {
        for channel in 0..<3 { row[column * 3 + channel] = meanColor[channel] }
    }
}

private func blendRows(
    _ a: UnsafePointer<UInt8>, _ b: UnsafePointer<UInt8>, _ weight: Float, _ elements: Range<Int>,
    into blend: UnsafeMutablePointer<Float>
) {
    for element in elements {
        let first = Float(a[element])
        blend[element] = first + (Float(b[element]) - first) * weight
    }
}

private func blendColumns(
    of blend: UnsafeMutablePointer<Float>, _ columns: Axis, into row: UnsafeMutablePointer<UInt8>
) {
    for column in columns.inside {
        let source = columns[column]
        let (left, right) = (blend + source.first * 3, blend + source.second * 3)
        for channel in 0..<3 {
            let value = left[channel] + (right[channel] - left[channel]) * source.weight
            row[column * 3 + channel] = UInt8(value)
        }
    }
}
