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

/// The length of the deviations as a share of that of what is wanted; infinite where the counts differ or a number is not
/// finite, 0 where nothing is wanted and nothing found.
package func relativeDistance(_ found: [Float], _ wanted: [Double]) -> Double {
    guard found.count == wanted.count, found.allSatisfy(\.isFinite) else { return .infinity }
    let deviation = zip(found, wanted).reduce(0) { $0 + (Double($1.0) - $1.1) * (Double($1.0) - $1.1) }
    let length = wanted.reduce(0) { $0 + $1 * $1 }
    return deviation == 0 ? 0 : (deviation / length).squareRoot()
}
