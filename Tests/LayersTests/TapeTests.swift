import Foundation
import TestSupport
import Testing

/// The tape is what the layers are measured by, so it is measured first.
@Suite struct TapeTests {
    /// Each formula as it stands on the tape; the derivatives must be the slopes in Double.
    static let formulas: [@Sendable ([Real]) -> Real] = [
        { $0[0] * $0[1] - $0[2] / $0[0] },
        { Real.exp($0[0]) + Real.log($0[1] * $0[1] + 1) - -$0[2] },
        { Real.sqrt($0[0] * $0[0] + 2) * Real.pow($0[1] + 3, 7) },
        { Real.relu($0[0]) * 3 + Real.relu(-$0[0]) + Real.max($0[1], $0[2]) * $0[2] },
        { $0.softmax()[1] * $0.normalized().dot([1, 2, 3]) },
        { ($0.scaled(by: $0[1]).plus($0)).max() + $0.sum() },
    ]

    @Test(arguments: formulas.indices) func derivativesAreSlopes(_ index: Int) {
        let point = [0.7, -0.4, 1.3]
        let tape = Tape()
        let variables = tape.variables(point)
        let gradient = tape.gradient(of: TapeTests.formulas[index](variables), by: variables)
        for variable in point.indices {
            func value(_ change: Double) -> Double {
                var moved = point
                moved[variable] += change
                return TapeTests.formulas[index](moved.map { Real($0) }).value
            }
            let slope = (value(1e-6) - value(-1e-6)) / 2e-6
            #expect(abs(gradient[variable] - slope) < 1e-6 * max(1, abs(slope)))
        }
    }

    @Test func kinksAndDetachedNumbers() {
        let tape = Tape()
        let (x, y) = (tape.variable(0), tape.variable(0))
        #expect(tape.gradient(of: Real.relu(x), by: [x]) == [0])
        #expect(tape.gradient(of: Real.max(x, y), by: [x, y]) == [1, 0])
        #expect(tape.gradient(of: (x + 2) * (x + 2).detached, by: [x]) == [2])
        #expect(tape.gradient(of: 3, by: [x]) == [0])
        #expect([Real](repeating: 0, count: 2).normalized().values == [0, 0])
    }

    @Test func slopeErrorsSeeWrongDerivatives() {
        func square(_ x: [Float]) -> Double { Double(x[0]) * Double(x[0]) + abs(Double(x[1])) }
        #expect(slopeError([3, 1], at: [1.5, 1e-4], step: 1e-3, square) < 1e-3)
        #expect(slopeError([3.1, 1], at: [1.5, 1e-4], step: 1e-3, square) > 0.01)
        #expect(slopeError([3], at: [1.5, 1], step: 1e-3, square) == .infinity)
    }

    @Test func relativeErrorsSeeWhatIsMissing() {
        #expect(relativeError([1, 2], [1, 2]) == 0)
        #expect(relativeError([1, 2.2], [1, 2]) > 0.09)
        #expect(relativeError([1], [1, 2]) == .infinity)
        #expect(relativeError([.nan], [1]) == .infinity)
        #expect(relativeError([0.1], [0]) == .infinity)
    }

    /// The first numbers of the generator written in Python.
    @Test func formulasAreThoseOfTheFixtures() {
        let name = "backbone.conv1_1.weight"
        #expect(Formula.uniform(name, count: 3) == [0.7125091427564382, 0.04325711932332732, 0.15345573040302574])
        #expect(Formula.values(name, count: 2, scale: 0.5, offset: 1) == [1.2125092, 0.5432571])
        #expect(abs(Formula.projections("a", of: [1, 2])[0] - -1.0033818212727401) < 1e-15)
    }
}
