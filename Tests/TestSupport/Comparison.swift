/// The largest deviation, as a share of the largest wanted magnitude.
///
/// Infinite where the counts differ or a number is not finite, and where something is found though only zeros are wanted.
package func relativeError(_ found: [Float], _ wanted: [Double]) -> Double {
    guard found.count == wanted.count, found.allSatisfy(\.isFinite) else { return .infinity }
    let deviation = zip(found, wanted).reduce(0) { max($0, abs(Double($1.0) - $1.1)) }
    let magnitude = wanted.reduce(0) { max($0, abs($1)) }
    return deviation == 0 ? 0 : deviation / magnitude
}

/// Whether two lists hold the same bits.
package func areBitwiseEqual(_ a: [Float], _ b: [Float]) -> Bool {
    a.map(\.bitPattern) == b.map(\.bitPattern)
}
