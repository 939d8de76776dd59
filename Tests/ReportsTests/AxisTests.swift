import Reports
import Testing

@Suite struct AxisTests {
    @Test(arguments: [
        (0.0, 600.0, 6, ["0", "100", "200", "300", "400", "500", "600"]),
        (1, 23_805, 6, ["5,000", "10,000", "15,000", "20,000"]),
        (0, 1, 4, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (1, 9.99, 4, ["2", "4", "6", "8"]),
        (-0.2, 0.2, 4, ["-0.2", "-0.1", "0", "0.1", "0.2"]),
        (0, 0.02, 4, ["0", "0.005", "0.010", "0.015", "0.020"]),
        (0, 2.5e-4, 4, ["0", "5e-5", "1e-4", "1.5e-4", "2e-4", "2.5e-4"]),
        (0, 1e-6, 2, ["0", "5e-7", "1e-6"]),
    ])
    func ticksAreRoundNumbers(_ low: Double, _ high: Double, _ count: Int, _ labels: [String]) {
        let axis = Axis(from: low, to: high, count: count)
        #expect(axis.ticks.map(axis.label) == labels)
        #expect(axis.range == low...high)
    }

    @Test func anAxisCanEndAtTicks() {
        let axis = Axis(from: 0, to: 2.3, count: 4, endsAtTicks: true)
        #expect(axis.ticks == [0, 0.5, 1, 1.5, 2, 2.5])
        #expect(axis.range == 0...2.5)
        let exact = Axis(from: 0, to: 0.3, count: 3, endsAtTicks: true)
        #expect(exact.ticks.map(exact.label) == ["0", "0.1", "0.2", "0.3"])
    }

    @Test func whatIsCountedHasNoHalves() {
        let axis = Axis(from: 1, to: 3, count: 6, smallestStep: 1)
        #expect(axis.ticks.map(axis.label) == ["1", "2", "3"])
    }

    @Test func positionsRunFromZeroToOne() {
        let axis = Axis(from: -1, to: 3, count: 4)
        #expect([-1, 0, 3].map(axis.position) == [0, 0.25, 1])
    }

    @Test(arguments: [0, 1, -7, 1e9, 1e-9])
    func aSingleValueLiesInTheMiddle(_ value: Double) {
        let axis = Axis(from: value, to: value, count: 4)
        #expect(abs(axis.position(of: value) - 0.5) < 1e-6)
    }

    /// Of all sizes: ticks within the axis, ascending, and their labels all different.
    @Test func everyAxisCanBeRead() {
        for exponent in -9...9 {
            for (low, high) in [(0, 1.0), (0, 2.7), (1, 9.99), (-3.3, 8), (-5, -1)] {
                for endsAtTicks in [false, true] {
                    let scale = Double(sign: .plus, exponent: 3 * exponent, significand: 1)
                    let axis = Axis(from: low * scale, to: high * scale, count: 4, endsAtTicks: endsAtTicks)
                    #expect((2...8).contains(axis.ticks.count), "\(axis)")
                    #expect(zip(axis.ticks, axis.ticks.dropFirst()).allSatisfy { $0 < $1 })
                    #expect(axis.ticks.allSatisfy { (-1e-6...1 + 1e-6).contains(axis.position(of: $0)) })
                    #expect(Set(axis.ticks.map(axis.label)).count == axis.ticks.count, "\(axis.ticks.map(axis.label))")
                }
            }
        }
    }

    @Test(arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (-1_234_567, "-1,234,567")])
    func thousandsAreSetApart(_ number: Double, _ text: String) {
        #expect(grouped(number) == text)
    }
}
