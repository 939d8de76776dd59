import TensorCore

/// What a kernel compares: a pixel's position and, in the bilateral kernel, its colour, each over its width.
struct PixelFeatures {
    /// Eight pixels that follow each other; one lane each.
    typealias Lanes = SIMD8<Float>

    let order: PixelOrder
    /// The kernel's width in pixels.
    let distance: Float
    /// Rows of red, green, blue, and the kernel's width in colour steps; `nil` in the spatial kernel.
    let color: (image: UnsafePointer<UInt8>, width: Float)?

    /// Features in the order x, y, r, g, b.
    var dimension: Int { color == nil ? 2 : 5 }
    var pixelCount: Int { order.count }

    /// The maximum of each feature; the minimum is 0.
    var maxima: [Float] {
        let position = [Float(order.width - 1) / distance, Float(order.height - 1) / distance]
        guard let color else { return position }
        return position + Array(repeating: 255 / color.width, count: 3)
    }

    /// The features of eight pixels from `first` on; beyond the last pixel it repeats.
    @inline(__always) func load(_ first: Int, into f: UnsafeMutablePointer<Lanes>) {
        let places = order.places.data
        for lane in 0..<Lanes.scalarCount {
            let place = places[min(first + lane, pixelCount - 1)]
            f[0][lane] = Float(place.x)
            f[1][lane] = Float(place.y)
            guard let color else { continue }
            let pixel = color.image + (Int(place.y) * order.width + Int(place.x)) * 3
            for channel in 0..<3 { f[2 + channel][lane] = Float(pixel[channel]) }
        }
        f[0] /= distance
        f[1] /= distance
        guard let color else { return }
        for channel in 2..<5 { f[channel] /= color.width }
    }
}
