/// What batch norm makes of a value, channel by channel: `normalized = inverse x + shift`, then
/// `y = weight normalized + bias`.
package struct NormalizationRows {
    private let inverse: UnsafePointer<Float>
    private let shift: UnsafePointer<Float>
    private let weight: UnsafePointer<Float>
    private let bias: UnsafePointer<Float>

    /// Rows of as many floats as there are channels.
    package init(
        inverse: UnsafePointer<Float>, shift: UnsafePointer<Float>, weight: UnsafePointer<Float>,
        bias: UnsafePointer<Float>
    ) {
        (self.inverse, self.shift, self.weight, self.bias) = (inverse, shift, weight, bias)
    }

    /// `normalized` of channel `c`, or of the channels from `c` on.
    @inline(__always) func normalized<Channels: ChannelValues>(_ x: Channels, _ c: Int) -> Channels {
        Channels.load(shift, c).addingProduct(Channels.load(inverse, c), x)
    }

    /// `weight normalized + bias`, likewise.
    @inline(__always) func scaled<Channels: ChannelValues>(_ normalized: Channels, _ c: Int) -> Channels {
        Channels.load(bias, c).addingProduct(Channels.load(weight, c), normalized)
    }
}

/// The values of one channel, or of several side by side.
protocol ChannelValues {
    /// Those from channel `c` of a row on.
    static func load(_ row: UnsafePointer<Float>, _ c: Int) -> Self
    /// `self + a * b`, rounded once.
    func addingProduct(_ a: Self, _ b: Self) -> Self
}

extension Float: ChannelValues {
    @inline(__always) static func load(_ row: UnsafePointer<Float>, _ c: Int) -> Float { row[c] }
}

extension Vector: ChannelValues {
    @inline(__always) static func load(_ row: UnsafePointer<Float>, _ c: Int) -> Vector { row.vector(c) }
}

extension SIMD8<Float>: ChannelValues {
    @inline(__always) static func load(_ row: UnsafePointer<Float>, _ c: Int) -> SIMD8<Float> { row.eight(c) }
}

// MARK: - Rows of channels

/// Adds the values and the squares of `pixels` pixels to the sums.
@inline(__always) func addMoments<E: Element>(
    _ x: UnsafePointer<E>, _ pixels: Int, _ channels: Int, to sums: UnsafeMutablePointer<Double>,
    _ squares: UnsafeMutablePointer<Double>
) {
    let end = channels - channels % 8
    for c in stride(from: 0, to: end, by: 8) {
        var (sum, square) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        for pixel in 0..<pixels {
            let value = SIMD8<Double>(x.eight(pixel * channels + c))
            sum += value
            square.addProduct(value, value)
        }
        sums.add(sum, at: c)
        squares.add(square, at: c)
    }
    for c in end..<channels {
        for pixel in 0..<pixels {
            let value = Double(x[pixel * channels + c].float)
            sums[c] += value
            squares[c].addProduct(value, value)
        }
    }
}

/// Adds the gradients of `pixels` pixels, and their products with the normalised values, to the sums.
@inline(__always) func addGradients<E: Element>(
    _ dy: UnsafePointer<E>, _ x: UnsafePointer<E>, _ pixels: Int, _ channels: Int, _ rows: NormalizationRows,
    relu: Bool, to sums: UnsafeMutablePointer<Double>, _ products: UnsafeMutablePointer<Double>
) {
    let end = channels - channels % 8
    for c in stride(from: 0, to: end, by: 8) {
        var (sum, product) = (SIMD8<Double>.zero, SIMD8<Double>.zero)
        for pixel in 0..<pixels {
            let normalized = rows.normalized(x.eight(pixel * channels + c), c)
            var gradient = dy.eight(pixel * channels + c)
            if relu { gradient.replace(with: 0, where: .!(rows.scaled(normalized, c) .> 0)) }
            sum += SIMD8<Double>(gradient)
            product.addProduct(SIMD8<Double>(gradient), SIMD8<Double>(normalized))
        }
        sums.add(sum, at: c)
        products.add(product, at: c)
    }
    for c in end..<channels {
        for pixel in 0..<pixels {
            let normalized = rows.normalized(x[pixel * channels + c].float, c)
            let passes = !relu || rows.scaled(normalized, c) > 0
            let gradient = Double(passes ? dy[pixel * channels + c].float : 0)
            sums[c] += gradient
            products[c].addProduct(gradient, Double(normalized))
        }
    }
}

/// One pixel: `y = weight normalized + bias + term`, `lowest` where less; NaN stays NaN.
@inline(__always) func normalize<E: Element>(
    _ x: UnsafePointer<E>, _ term: UnsafePointer<E>?, _ rows: NormalizationRows, _ lowest: Float,
    _ channels: Int, into y: UnsafeMutablePointer<E>
) {
    let (end, floor) = (channels - channels % Vector.count, Vector(repeating: lowest))
    for c in stride(from: 0, to: end, by: Vector.count) {
        var value = rows.scaled(rows.normalized(x.vector(c), c), c)
        if let term { value = value + term.vector(c) }
        y.store(Vector.max(floor, value), at: c)
    }
    for c in end..<channels {
        var value = rows.scaled(rows.normalized(x[c].float, c), c)
        if let term { value += term[c].float }
        y[c] = E(value < lowest ? lowest : value)
    }
}

/// One value a channel, of each of what `normalizationGradient` needs.
typealias NormalizationMeans = (
    factor: UnsafePointer<Float>, gradient: UnsafePointer<Float>, product: UnsafePointer<Float>
)

/// One pixel: `dx = factor (dy - meanGradient - normalized meanProduct)`; `dx` may be `dy`.
@inline(__always) func normalizationGradient<E: Element>(
    _ dy: UnsafePointer<E>, _ x: UnsafePointer<E>, _ rows: NormalizationRows, _ means: NormalizationMeans,
    _ channels: Int, relu: Bool, into dx: UnsafeMutablePointer<E>
) {
    let end = channels - channels % Vector.count
    for c in stride(from: 0, to: end, by: Vector.count) {
        let normalized = rows.normalized(x.vector(c), c)
        var gradient = dy.vector(c)
        if relu { gradient = gradient.wherePositive(rows.scaled(normalized, c)) }
        let difference = gradient - means.gradient.vector(c)
        dx.store(
            means.factor.vector(c) * difference.addingProduct(-1 * normalized, means.product.vector(c)), at: c)
    }
    for c in end..<channels {
        let normalized = rows.normalized(x[c].float, c)
        let gradient = !relu || rows.scaled(normalized, c) > 0 ? dy[c].float : 0
        dx[c] = E(means.factor[c] * (gradient - means.gradient[c]).addingProduct(-normalized, means.product[c]))
    }
}

extension UnsafeMutablePointer<Double> {
    /// Adds to the eight numbers from `index` on.
    @inline(__always) fileprivate func add(_ terms: SIMD8<Double>, at index: Int) {
        let eight = UnsafeMutableRawPointer(self + index)
        eight.storeBytes(of: eight.loadUnaligned(as: SIMD8<Double>.self) + terms, as: SIMD8<Double>.self)
    }
}
