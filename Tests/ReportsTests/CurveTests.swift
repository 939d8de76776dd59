import Reports
import Testing

@Suite struct CurveTests {
    @Test func fewSamplesStayAsTheyAre() {
        let curve = Curve("loss", [(1, 3), (2, 2), (3, 4)], limit: 3)
        #expect(curve.points.map(\.x) == [1, 2, 3])
        #expect(curve.points.map(\.mean) == [3, 2, 4])
        #expect(curve.points.allSatisfy { $0.low == $0.mean && $0.high == $0.mean })
    }

    @Test func manySamplesAreAveragedInStretches() {
        let curve = Curve("loss", [(1, 10), (2, 20), (3, 2), (4, 0), (5, 7)], limit: 2)
        // From 1 to 5 in two stretches: 1 and 2, then 3 to 5.
        #expect(curve.points.map(\.x) == [1.5, 4])
        #expect(curve.points.map(\.mean) == [15, 3])
        #expect(curve.points.map(\.low) == [10, 0])
        #expect(curve.points.map(\.high) == [20, 7])
    }

    @Test func whatIsNoNumberIsLeftOut() {
        let curve = Curve("loss", [(1, .nan), (2, 5), (3, .infinity), (.nan, 1), (4, 6)])
        #expect(curve.points.map(\.x) == [2, 4])
        #expect(Curve("loss", [(1, .nan)]).points.isEmpty)
    }

    @Test(arguments: [1, 2, 99, 100, 101, 1000, 23_805])
    func noSampleIsLostOrCountedTwice(_ count: Int) {
        let samples = (1...count).map { (x: Double($0), y: Double($0 * 7 % 13)) }
        let points = Curve("loss", samples).points
        #expect(points.count == min(count, 100))
        #expect(zip(points, points.dropFirst()).allSatisfy { $0.x < $1.x })
        #expect(points.allSatisfy { $0.low <= $0.mean && $0.mean <= $0.high })
        #expect(points.map(\.low).min() == samples.map(\.y).min())
        #expect(points.map(\.high).max() == samples.map(\.y).max())
    }

    @Test func aGapLeavesNoPoint() {
        let samples = (1...50).map { (x: Double($0), y: 1.0) } + (951...1000).map { (x: Double($0), y: 1.0) }
        #expect(Curve("loss", samples, limit: 10).points.count == 2)
    }
}
