/// e^x for x <= 0, to about one unit in the last place.
///
/// Below e^-60 the result is 0: what is next to nothing must not go on as denormal numbers, which are slow.
@inline(__always) func exponential(_ x: SIMD8<Float>) -> SIMD8<Float> {
    typealias Lanes = SIMD8<Float>
    let isNothing = x .< -60
    let limited = x.replacing(with: 0, where: isNothing)
    // x = n ln 2 + r with |r| <= ln 2 / 2; adding and subtracting `shifter` rounds to an integer.
    let shifter = Lanes(repeating: 0x1.8p23)
    let shifted = shifter.addingProduct(limited, Lanes(repeating: 1.442_695_04))
    let n = shifted - shifter
    // ln 2 in two parts; the first has few enough digits for an exact product with n.
    let r = limited.addingProduct(n, Lanes(repeating: -0.693_359_375))
        .addingProduct(n, Lanes(repeating: 2.121_944_4e-4))
    // The Taylor series of e^r, whose next term is below half a unit in the last place.
    var power = Lanes(repeating: 1 / 720).addingProduct(Lanes(repeating: 1 / 5040), r)
    power = Lanes(repeating: 1 / 120).addingProduct(power, r)
    power = Lanes(repeating: 1 / 24).addingProduct(power, r)
    power = Lanes(repeating: 1 / 6).addingProduct(power, r)
    power = Lanes(repeating: 1 / 2).addingProduct(power, r)
    power = Lanes(repeating: 1).addingProduct(power, r)
    power = Lanes(repeating: 1).addingProduct(power, r)
    // The low bits of `shifted` are n; moved into the exponent and added they multiply by 2^n.
    let exponent = unsafeBitCast(shifted, to: SIMD8<Int32>.self) &<< 23
    let result = unsafeBitCast(unsafeBitCast(power, to: SIMD8<Int32>.self) &+ exponent, to: Lanes.self)
    return result.replacing(with: 0, where: isNothing)
}
