import CVectors

/// Sixteen floats: a cache line, two registers of the processors this is built for.
package struct Vector {
    let lanes: bana_vector

    static let count = PanelMatrix.width

    @inline(__always) init(lanes: bana_vector) { self.lanes = lanes }

    /// Sixteen times `value`.
    @inline(__always) init(repeating value: Float) { lanes = bana_repeat(value) }

    @inline(__always) static func + (a: Vector, b: Vector) -> Vector { Vector(lanes: bana_add(a.lanes, b.lanes)) }
    @inline(__always) static func - (a: Vector, b: Vector) -> Vector { Vector(lanes: bana_subtract(a.lanes, b.lanes)) }
    @inline(__always) static func * (a: Vector, b: Vector) -> Vector { Vector(lanes: bana_multiply(a.lanes, b.lanes)) }
    @inline(__always) static func * (a: Float, b: Vector) -> Vector { Vector(repeating: a) * b }

    /// `self + a * b`, rounded once.
    @inline(__always) func addingProduct(_ a: Vector, _ b: Vector) -> Vector {
        Vector(lanes: bana_multiply_add(a.lanes, b.lanes, lanes))
    }

    /// `self + a * b`, rounded once.
    @inline(__always) func addingProduct(_ a: Float, _ b: Vector) -> Vector { addingProduct(Vector(repeating: a), b) }

    /// The larger of each pair of lanes; that of `b` where one is NaN.
    @inline(__always) static func max(_ a: Vector, _ b: Vector) -> Vector { Vector(lanes: bana_max(a.lanes, b.lanes)) }

    /// The lanes where `sign` is positive, else 0.
    @inline(__always) func wherePositive(_ sign: Vector) -> Vector {
        Vector(lanes: bana_where_positive(sign.lanes, lanes))
    }

    /// The lanes, 0 where that of `value` is less than that of `limit`.
    @inline(__always) func zero(where value: Vector, isLessThan limit: Vector) -> Vector {
        Vector(lanes: bana_zero_where_less(value.lanes, limit.lanes, lanes))
    }

    /// The lanes times 2^n, where `shifted` is n + 1.5 * 2^23.
    @inline(__always) func timesPowerOfTwo(_ shifted: Vector) -> Vector {
        Vector(lanes: bana_times_power_of_two(lanes, shifted.lanes))
    }

    /// The lanes where the sixteen bytes from `bytes` on are `wanted`, else 0.
    @inline(__always) func whereByte(_ bytes: UnsafePointer<UInt8>, is wanted: Int32) -> Vector {
        Vector(lanes: bana_where_byte_is(bytes, wanted, lanes))
    }

    /// The last `count` lanes, the others 0.
    @inline(__always) func lastLanes(_ count: Int) -> Vector { Vector(lanes: bana_last_lanes(lanes, Int32(count))) }

    /// The largest lane.
    @inline(__always) func max() -> Float {
        let eight = lanes.highHalf.replacing(with: lanes.lowHalf, where: lanes.lowHalf .> lanes.highHalf)
        let four = eight.highHalf.replacing(with: eight.lowHalf, where: eight.lowHalf .> eight.highHalf)
        return Swift.max(Swift.max(four.x, four.y), Swift.max(four.z, four.w))
    }

    /// The sum of the lanes, added in pairs.
    @inline(__always) func pairwiseSum() -> Float {
        let eight = lanes.lowHalf + lanes.highHalf
        let four = eight.lowHalf + eight.highHalf
        return (four.x + four.y) + (four.z + four.w)
    }

    /// The sum of the lanes.
    @inline(__always) func sum() -> Float { lanes.sum() }
}

extension UnsafePointer<Float> {
    /// The sixteen floats from `index` on.
    @inline(__always) func vector(_ index: Int) -> Vector {
        UnsafeRawPointer(self + index).loadUnaligned(as: Vector.self)
    }
}

extension UnsafeMutablePointer<Float> {
    /// The sixteen floats from `index` on.
    @inline(__always) func vector(_ index: Int) -> Vector {
        UnsafeRawPointer(self + index).loadUnaligned(as: Vector.self)
    }

    /// Sets the sixteen floats from `index` on.
    @inline(__always) func store(_ value: Vector, at index: Int) {
        UnsafeMutableRawPointer(self + index).storeBytes(of: value, as: Vector.self)
    }
}

/// The inner product of two vectors of `count` floats.
package func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, count: Int) -> Float {
    var (sum0, sum1) = (Vector(repeating: 0), Vector(repeating: 0))
    var i = 0
    while i + 2 * Vector.count <= count {
        sum0 = sum0.addingProduct(a.vector(i), b.vector(i))
        sum1 = sum1.addingProduct(a.vector(i + Vector.count), b.vector(i + Vector.count))
        i += 2 * Vector.count
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

/// `y += x` over `count` elements.
package func add<From: Element, To: Element>(_ x: UnsafePointer<From>, to y: UnsafeMutablePointer<To>, count: Int) {
    let end = count - count % Vector.count
    for i in stride(from: 0, to: end, by: Vector.count) { y.store(y.vector(i) + x.vector(i), at: i) }
    for i in end..<count { y[i] = To(y[i].float + x[i].float) }
}

/// `y = x` where `sign` is positive, else 0, over `count` elements; `x` and `y` may be the same.
///
/// The gradient of a ReLU whose output was `sign`.
package func copy<E: Element>(
    _ x: UnsafePointer<E>, wherePositive sign: UnsafePointer<E>, to y: UnsafeMutablePointer<E>, count: Int
) {
    let end = count - count % Vector.count
    for i in stride(from: 0, to: end, by: Vector.count) { y.store(x.vector(i).wherePositive(sign.vector(i)), at: i) }
    for i in end..<count { y[i] = sign[i].float > 0 ? x[i] : E(0) }
}
