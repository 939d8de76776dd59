import Reports
import Testing

/// Losses and metrics may be any finite number.
@Suite struct ExtremeValuesTests {
    private static let ranges: [(Double, Double)] = [
        (0, 5e-324), (-1.7e308, 1.7e308), (1e308, 1.7e308), (5e-324, 5e-324), (1.7e308, 1.7e308), (-1e300, 0),
        (1e16, 1e16 + 2), (1, 1 + 1e-15), (-5e-324, 5e-324), (0, 1e-310),
    ]

    @Test(arguments: ranges)
    func anAxisFitsAnyRange(_ low: Double, _ high: Double) {
        for endsAtTicks in [false, true] {
            let axis = Axis(from: low, to: high, count: 5, endsAtTicks: endsAtTicks)
            #expect(axis.range.upperBound > axis.range.lowerBound)
            #expect(axis.ticks.count < 20)
            #expect(axis.ticks.allSatisfy { axis.label($0).count < 30 })
            #expect(axis.position(of: low).isFinite && axis.position(of: high).isFinite)
        }
    }

    @Test func aCurveAveragesTheLargestNumbers() {
        let samples = (1...1000).map { (x: Double($0), y: $0 % 2 == 0 ? 1.7e308 : -1.7e308) }
        let curve = Curve("loss", samples)
        #expect(curve.points.count == 100)
        #expect(curve.points.allSatisfy { $0.mean.isFinite && $0.low.isFinite && $0.high.isFinite })
    }
}
