/// Eight floats: one register of every processor this is built for.
typealias Vector = SIMD8<Float>

extension UnsafePointer<Float> {
    /// The eight floats from `index` on.
    @inline(__always) func vector(_ index: Int) -> Vector {
        UnsafeRawPointer(self + index).loadUnaligned(as: Vector.self)
    }
}

extension UnsafeMutablePointer<Float> {
    /// The eight floats from `index` on.
    @inline(__always) func vector(_ index: Int) -> Vector {
        UnsafeRawPointer(self + index).loadUnaligned(as: Vector.self)
    }

    /// Sets the eight floats from `index` on.
    @inline(__always) func store(_ value: Vector, at index: Int) {
        UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: Vector.self)
    }
}

/// The inner product of two vectors of `count` floats.
package func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
    var (sum0, sum1) = (Vector.zero, Vector.zero)
    var i = 0
    while i + 16 <= count {
        sum0.addProduct(a.vector(i), b.vector(i))
        sum1.addProduct(a.vector(i + 8), b.vector(i + 8))
        i += 16
    }
    var sum = (sum0 + sum1).sum()
    while i < count {
        sum += a[i] * b[i]
        i += 1
    }
    return sum
}

/// `y += factor x` over `count` floats.
package func addScaled(
    _ x: UnsafePointer<Float>, by factor: Float, to y: UnsafeMutablePointer<Float>, count: Int
) {
    for i in 0..<count { y[i] += factor * x[i] }
}

/// `y += x` over `count` floats.
package func add(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
    for i in 0..<count { y[i] += x[i] }
}

/// `y = factor y` over `count` floats.
package func scale(_ y: UnsafeMutablePointer<Float>, by factor: Float, count: Int) {
    for i in 0..<count { y[i] *= factor }
}

/// `dy = 0` where `y` is not positive: the gradient of a ReLU whose output was `y`.
package func maskWhereNotPositive(
    _ dy: UnsafeMutablePointer<Float>, _ y: UnsafePointer<Float>, count: Int
) {
    for i in 0..<count { dy[i] = y[i] > 0 ? dy[i] : 0 }
}
