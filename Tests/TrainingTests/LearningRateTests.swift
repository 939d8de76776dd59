import Configuration
import Testing
import Training

@Suite struct LearningRateTests {
    private func rates(_ solver: String, _ iterations: [Int]) throws -> [Double] {
        let settings = try RunConfiguration(yaml: "solver: \(solver)").solver
        return iterations.map { settings.learningRate(at: $0) }
    }

    @Test func aStepFallsAtItsMilestone() throws {
        let rates = try rates(
            "{iterations: 10, lr: 0.5, schedule: {kind: step, milestones: [3, 7], factor: 0.1}}", [0, 2, 3, 6, 7, 9])
        for (rate, wanted) in zip(rates, [0.5, 0.5, 0.05, 0.05, 0.005, 0.005]) { #expect(abs(rate - wanted) < 1e-15) }
    }

    @Test func withoutMilestonesTheRateStays() throws {
        #expect(try rates("{lr: 0.5, schedule: {kind: step, milestones: []}}", [0, 7999]) == [0.5, 0.5])
    }

    /// 0.01 * (1 - t / 4)^0.9, worked out by hand.
    @Test func aPowerFallsToNothing() throws {
        let rates = try rates("{iterations: 4, lr: 0.01, schedule: {kind: poly, power: 0.9}}", [0, 1, 2, 3])
        for (rate, wanted) in zip(rates, [0.01, 0.0077189, 0.0053589, 0.0028717]) {
            #expect(abs(rate - wanted) < 5e-8)
        }
    }
}
