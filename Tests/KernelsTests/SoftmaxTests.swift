import Foundation
import Kernels
import TestSupport
import Testing

@Suite struct SoftmaxTests {
    @Test(arguments: [1, 2, 3, 7, 21, 33], [Float(1), 20]) func sharesOfExponentials(count: Int, temperature: Float) {
        let z = Formula.values("z", count: count)
        var p = [Float](repeating: 0, count: count)
        let logSum = softmax(z, temperature: temperature, count: count, into: &p)
        let powers = z.map { exp(Double(temperature) * Double($0)) }
        let total = powers.reduce(0, +)
        #expect(relativeError(p, powers.map { $0 / total }) < 1e-6)
        #expect(abs(Double(logSum) - log(total)) < 2e-6 * Double(temperature))
    }

    @Test func greatScoresDoNotOverflow() {
        var p: [Float] = [0, 0, 0]
        let logSum = softmax([1000, 999, -1000], count: 3, into: &p)
        #expect(relativeError(p, [1 / (1 + exp(-1)), 1 / (1 + exp(1)), 0]) < 1e-6)
        #expect(abs(Double(logSum) - 1000.3132617) < 1e-4)
    }

    @Test func worksInPlace() {
        var z: [Float] = [0.5, -1, 2]
        var p: [Float] = [0, 0, 0]
        _ = softmax(z, count: 3, into: &p)
        z.withUnsafeMutableBufferPointer { buffer in
            guard let base = buffer.baseAddress else { return }
            _ = softmax(base, count: 3, into: base)
        }
        #expect(z == p)
    }
}
