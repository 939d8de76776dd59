import CVectors

extension Vector {
    /// e^x of lanes in -87...0, to about one unit in the last place; NaN stays NaN.
    @inline(__always) var exponential: Vector {
        // x = n ln 2 + r with |r| <= ln 2 / 2; adding `shifter` rounds to an integer, which the low bits then are.
        let shifter = Vector(repeating: 0x1.8p23)
        let shifted = shifter.addingProduct(1.442_695_04, self)
        let n = shifted - shifter
        // ln 2 in two parts; the first has few enough digits for an exact product with n.
        let r = addingProduct(-0.693_359_375, n).addingProduct(2.121_944_4e-4, n)
        // The Taylor series of e^r, whose next term is below half a unit in the last place.
        var power = Vector(repeating: 1 / 720).addingProduct(1 / 5040, r)
        power = Vector(repeating: 1 / 120).addingProduct(power, r)
        power = Vector(repeating: 1 / 24).addingProduct(power, r)
        power = Vector(repeating: 1 / 6).addingProduct(power, r)
        power = Vector(repeating: 1 / 2).addingProduct(power, r)
        power = Vector(repeating: 1).addingProduct(power, r)
        power = Vector(repeating: 1).addingProduct(power, r)
        return power.timesPowerOfTwo(shifted)
    }
}

/// `x = e^x` for `count` floats of at most 0; 0 below e^-60: what is next to nothing must not go on as denormal numbers,
/// which are slow.
///
/// Works on sixteen at a time: memory must have room for them behind the last.
package func replaceByExponentials(_ x: UnsafeMutablePointer<Float>, count: Int) {
    let lowest = Vector(repeating: -60)
    for i in stride(from: 0, to: count, by: Vector.count) {
        let value = x.vector(i)
        x.store(Vector.max(lowest, value).exponential.zero(where: value, isLessThan: lowest), at: i)
    }
}
