import Foundation

/// Reverse-mode differentiation in Double, one scalar operation at a time.
///
/// Formulas are written on it literally; what it says their gradients are is what the layers must say.
package final class Tape {
    /// Where a value came from: two operands and the derivatives by them; -1 for none.
    private struct Step {
        let operands: (Int, Int)
        let partials: (Double, Double)
    }

    private var steps: [Step] = []

    package init() {}

    /// A number to differentiate by.
    package func variable(_ value: Double) -> Real { record(value, (-1, 0), (-1, 0)) }

    /// Numbers to differentiate by.
    package func variables(_ values: [Double]) -> [Real] { values.map(variable) }

    /// The derivatives of `result` by each of `variables`.
    package func gradient(of result: Real, by variables: [Real]) -> [Double] {
        var gradients = [Double](repeating: 0, count: steps.count)
        if result.index >= 0 { gradients[result.index] = 1 }
        for (index, step) in steps.enumerated().reversed() where gradients[index] != 0 {
            let (first, second) = step.operands
            if first >= 0 { gradients[first] += gradients[index] * step.partials.0 }
            if second >= 0 { gradients[second] += gradients[index] * step.partials.1 }
        }
        return variables.map { gradients[$0.index] }
    }

    fileprivate func record(_ value: Double, _ first: (Int, Double), _ second: (Int, Double)) -> Real {
        steps.append(Step(operands: (first.0, second.0), partials: (first.1, second.1)))
        return Real(value: value, index: steps.count - 1, tape: self)
    }
}

/// A number that knows how it was computed; literals are constants.
package struct Real {
    package let value: Double
    fileprivate let index: Int
    fileprivate let tape: Tape?

    fileprivate init(value: Double, index: Int, tape: Tape?) {
        (self.value, self.index, self.tape) = (value, index, tape)
    }

    /// A constant.
    package init(_ value: Double) { self.init(value: value, index: -1, tape: nil) }

    /// The same value, constant to the gradient.
    package var detached: Real { Real(value) }

    private static func made(
        _ value: Double, _ a: Real, _ byA: Double, _ b: Real = 0, _ byB: Double = 0
    ) -> Real {
        guard let tape = a.tape ?? b.tape else { return Real(value) }
        return tape.record(value, (a.index, byA), (b.index, byB))
    }

    package static func + (a: Real, b: Real) -> Real { made(a.value + b.value, a, 1, b, 1) }
    package static func - (a: Real, b: Real) -> Real { made(a.value - b.value, a, 1, b, -1) }
    package static func * (a: Real, b: Real) -> Real { made(a.value * b.value, a, b.value, b, a.value) }
    package static func / (a: Real, b: Real) -> Real {
        made(a.value / b.value, a, 1 / b.value, b, -a.value / (b.value * b.value))
    }
    package static prefix func - (a: Real) -> Real { made(-a.value, a, -1) }
    package static func += (a: inout Real, b: Real) { a = a + b }

    package static func exp(_ a: Real) -> Real { made(Foundation.exp(a.value), a, Foundation.exp(a.value)) }
    package static func log(_ a: Real) -> Real { made(Foundation.log(a.value), a, 1 / a.value) }
    package static func sqrt(_ a: Real) -> Real {
        let root = a.value.squareRoot()
        return made(root, a, root > 0 ? 0.5 / root : 0)
    }
    package static func pow(_ a: Real, _ exponent: Double) -> Real {
        let power = Foundation.pow(a.value, exponent)
        return made(power, a, exponent * Foundation.pow(a.value, exponent - 1))
    }
    /// 0 for a negative number, with derivative 0 at 0.
    package static func relu(_ a: Real) -> Real { a.value > 0 ? a : 0 }
    /// The greater one; the first of equals.
    package static func max(_ a: Real, _ b: Real) -> Real { b.value > a.value ? b : a }
}

extension Real: ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
    package init(floatLiteral value: Double) { self.init(value) }
    package init(integerLiteral value: Int) { self.init(Double(value)) }
}

// MARK: - Vectors

extension [Real] {
    package var values: [Double] { map(\.value) }
    package func sum() -> Real { reduce(0, +) }
    /// The largest; the first of equals.
    package func max() -> Real { dropFirst().reduce(self[0], Real.max) }
    package func dot(_ other: [Real]) -> Real { zip(self, other).map { $0 * $1 }.sum() }
    package func scaled(by factor: Real) -> [Real] { map { $0 * factor } }
    package func plus(_ other: [Real]) -> [Real] { zip(self, other).map { $0 + $1 } }

    /// x / max(|x|, 1e-12).
    package func normalized() -> [Real] {
        let length = Real.max(Real.sqrt(dot(self)), 1e-12)
        return map { $0 / length }
    }

    /// exp(x_c) / sum of exp(x).
    package func softmax() -> [Real] {
        let largest = max().detached
        let powers = map { Real.exp($0 - largest) }
        let sum = powers.sum()
        return powers.map { $0 / sum }
    }
}
