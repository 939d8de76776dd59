package import Configuration
import Foundation

extension SolverSettings {
    /// The base learning rate of iteration `iteration`, counted from 0.
    ///
    /// `step` multiplies by `factor` at every milestone reached; `poly` follows (1 - t / t_max)^power.
    package func learningRate(at iteration: Int) -> Double {
        switch schedule.kind {
        case .step:
            let reached = schedule.milestones.count { $0 <= iteration }
            return lr * pow(schedule.factor, Double(reached))
        case .poly:
            return lr * pow(1 - Double(iteration) / Double(iterations), schedule.power)
        }
    }
}
