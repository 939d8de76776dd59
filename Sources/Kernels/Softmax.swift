import Foundation

/// `p = softmax(temperature * z)` over `count` channels; returns log of the sum of exponentials, so that
/// `-log p[c] = logSum - temperature * z[c]`. `p` may be `z`.
package func softmax(
    _ z: UnsafePointer<Float>, temperature: Float = 1, count: Int, into p: UnsafeMutablePointer<Float>
) -> Float {
    if count >= Vector.count { return softmaxOfMany(z, temperature, count, p) }
    var top = -Float.infinity
    for c in 0..<count { top = max(top, temperature * z[c]) }
    var sum: Float = 0
    for c in 0..<count {
        p[c] = expf(temperature * z[c] - top)
        sum += p[c]
    }
    for c in 0..<count { p[c] /= sum }
    return top + logf(sum)
}

/// The same for sixteen channels or more.
///
/// What is left behind whole vectors is in the vector that ends at the last channel; what it shares with the one before
/// is left out of the sum.
private func softmaxOfMany(
    _ z: UnsafePointer<Float>, _ temperature: Float, _ count: Int, _ p: UnsafeMutablePointer<Float>
) -> Float {
    let (last, whole) = (count - Vector.count, count / Vector.count * Vector.count)
    let factor = Vector(repeating: temperature)
    var largest = factor * z.vector(last)
    for c in stride(from: 0, to: whole, by: Vector.count) { largest = Vector.max(factor * z.vector(c), largest) }
    let top = largest.max()
    let (offset, lowest) = (Vector(repeating: -top), Vector(repeating: -87))
    func power(_ c: Int) -> Vector { Vector.max(lowest, offset.addingProduct(factor, z.vector(c))).exponential }

    let rest = power(last)
    var sum = rest.lastLanes(count - whole)
    for c in stride(from: 0, to: whole, by: Vector.count) {
        let power = power(c)
        p.store(power, at: c)
        sum = sum + power
    }
    if whole < count { p.store(rest, at: last) }
    let sumOfAll = sum.pairwiseSum()
    let share = 1 / sumOfAll
    for c in stride(from: 0, to: whole, by: Vector.count) { p.store(share * p.vector(c), at: c) }
    for c in whole..<count { p[c] *= share }
    return top + logf(sumOfAll)
}
