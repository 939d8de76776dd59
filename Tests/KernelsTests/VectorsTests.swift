import Kernels
import TestSupport
import Testing

/// Lengths around the vectors' 8 and 16 floats.
let tailLengths = [0, 1, 3, 7, 8, 13, 15, 16, 17, 33, 100]

@Suite struct VectorsTests {
    private func doubles(_ values: [Float]) -> [Double] { values.map { Double($0) } }

    @Test(arguments: tailLengths) func dotIsTheSumOfProducts(count: Int) {
        let (a, b) = (Formula.values("a", count: count), Formula.values("b", count: count))
        let wanted = zip(doubles(a), doubles(b)).reduce(0) { $0 + $1.0 * $1.1 }
        #expect(abs(Double(dot(a, b, count: count)) - wanted) < 1e-6 * Double(max(1, count)).squareRoot())
    }

    /// One element after the last must not change, whatever the length.
    @Test(arguments: tailLengths) func updatesTouchTheirElementsOnly(count: Int) {
        let (x, start) = (Formula.values("x", count: count), Formula.values("y", count: count))
        func updated(_ update: (UnsafeMutablePointer<Float>) -> Void) -> [Float] {
            var y = start + [99]
            update(&y)
            #expect(y[count] == 99)
            return Array(y.dropLast())
        }
        let sums = zip(doubles(start), doubles(x))
        #expect(relativeError(updated { add(x, to: $0, count: count) }, sums.map { $0 + $1 }) < 1e-6)
        #expect(
            relativeError(updated { addScaled(x, by: -0.3, to: $0, count: count) }, sums.map { $0 - 0.3 * $1 }) < 1e-6)
        #expect(relativeError(updated { scale($0, by: 1.7, count: count) }, doubles(start).map { 1.7 * $0 }) < 1e-6)
        #expect(
            updated { copy($0, wherePositive: x, to: $0, count: count) } == zip(start, x).map { $1 > 0 ? $0 : 0 })
    }

    @Test func aMaskTakesZerosAway() {
        var masked: [Float] = .init(repeating: 9, count: 12)
        let sign: [Float] = [0, -0.0, 1e-38, -1]
        copy((1...12).map { Float($0) }, wherePositive: sign + sign + sign, to: &masked, count: 12)
        #expect(masked == [0, 0, 3, 0, 0, 0, 7, 0, 0, 0, 11, 0])
    }
}
