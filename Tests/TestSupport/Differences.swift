/// How far claimed derivatives are from slopes measured by central differences.
///
/// A function evaluated in single precision is noisy, so `step` should be large (1e-2 of the inputs) where it is nearly
/// linear. A relu or a max may have its kink within a step of the point; then the slope on the other side is the
/// derivative, so the nearest of the three slopes (central, left, right) counts.
///
/// - Parameters:
///   - indices: the inputs to vary; all by default.
///   - function: its value must be summed up in Double.
/// - Returns: the largest deviation, as a share of the largest measured slope.
package func slopeError(
    _ claimed: [Double], at point: [Float], step: Float, indices: [Int]? = nil, _ function: ([Float]) -> Double
) -> Double {
    guard claimed.count == point.count, claimed.allSatisfy(\.isFinite) else { return .infinity }
    let here = function(point)
    var (deviation, magnitude) = (0.0, 0.0)
    for index in indices ?? Array(point.indices) {
        let slopes = slopes(of: function, at: point, index, step, here)
        deviation = max(deviation, slopes.map { abs($0 - claimed[index]) }.min() ?? 0)
        magnitude = max(magnitude, abs(slopes[0]))
    }
    return deviation == 0 ? 0 : deviation / magnitude
}

/// The central, the right and the left slope.
private func slopes(
    of function: ([Float]) -> Double, at point: [Float], _ index: Int, _ step: Float, _ here: Double
) -> [Double] {
    var (above, below) = (point, point)
    above[index] += step
    below[index] -= step
    let (up, down) = (function(above), function(below))
    let right = Double(above[index] - point[index])
    let left = Double(point[index] - below[index])
    return [(up - down) / (left + right), (up - here) / right, (here - down) / left]
}
