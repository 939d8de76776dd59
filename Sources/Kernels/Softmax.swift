import CVectors
import Foundation

/// `p = softmax(temperature * z)` over `count` channels; returns log of the sum of exponentials, so that
/// `-log p[c] = logSum - temperature * z[c]`. `p` may be `z`.
package func softmax(
    _ z: UnsafePointer<Float>, temperature: Float = 1, count: Int, into p: UnsafeMutablePointer<Float>
) -> Float {
    if count >= Vector.count { return bana_softmax(z, temperature, count, p) }
    var greatest = -Float.infinity
    for c in 0..<count { greatest = max(greatest, temperature * z[c]) }
    var sum: Float = 0
    for c in 0..<count {
        p[c] = expf(temperature * z[c] - greatest)
        sum += p[c]
    }
    for c in 0..<count { p[c] /= sum }
    return greatest + logf(sum)
}
