import Foundation
import Kernels
import Testing

@Suite struct ExponentialTests {
    @Test func itIsAccurateDownToNextToNothing() {
        let x = (0..<60 * 16).map { -Float($0) / 16 }
        var powers = x
        replaceByExponentials(&powers, count: x.count)
        let errors = zip(x, powers).map { abs(Double($1) / exp(Double($0)) - 1) }
        #expect(errors.allSatisfy { $0 < 2e-7 }, "\(errors.max() ?? 0)")
    }

    @Test func whatIsNextToNothingIsNothing() {
        var x: [Float] = [-61, -1000, -.infinity, .nan, 0, -60.5] + [Float](repeating: -70, count: 10)
        replaceByExponentials(&x, count: x.count)
        #expect(x[3].isNaN && x[4] == 1)
        #expect(x[..<3].allSatisfy { $0 == 0 } && x[5...].allSatisfy { $0 == 0 })
    }
}
