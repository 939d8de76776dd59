package import Configuration
import Foundation
import Kernels
package import TensorCore

/// Stochastic gradient descent with momentum; each tensor has its own multiple of the rate, and decays or not.
package final class Optimizer {
    /// The tensors that are moved.
    package let arena: ParameterArena
    private let settings: SolverSettings
    /// The velocities, laid out as the arena's values.
    package let velocity: UnsafeMutablePointer<Float>

    /// An optimizer at rest.
    package init(_ arena: ParameterArena, _ settings: SolverSettings) {
        (self.arena, self.settings) = (arena, settings)
        velocity = .allocate(capacity: max(1, arena.count))
        velocity.initialize(repeating: 0, count: max(1, arena.count))
    }

    /// Freezes the tensors whose multiplier is 0, so that no gradient of theirs is computed.
    ///
    /// To be called when it is known which tensors are new, which start weights and checkpoints tell.
    package func freezeUntrained() {
        for parameter in arena.parameters { parameter.isTrainable = settings.multiplier(of: parameter) > 0 }
    }

    deinit { velocity.deallocate() }

    /// Moves every tensor that learns against its gradient, at `rate` times its multiplier.
    package func step(rate: Double, _ pool: ThreadPool) {
        for parameter in arena.parameters where parameter.isTrainable {
            sgdStep(
                parameter.valueForWriting(), parameter.gradient, velocity: velocity + parameter.offset,
                count: parameter.count,
                rate: Float(rate * settings.multiplier(of: parameter)), momentum: Float(settings.momentum),
                decay: settings.decays(parameter) ? Float(settings.weightDecay) : 0, pool: pool)
        }
    }
}

extension SolverSettings {
    fileprivate func multiplier(of parameter: Parameter) -> Double {
        switch (parameter.role, parameter.isPretrained) {
        case (.weight, true), (.normWeight, true): multipliers.pretrainedWeight
        case (.weight, false), (.normWeight, false): multipliers.newWeight
        case (.bias, true), (.normBias, true): multipliers.pretrainedBias
        case (.bias, false), (.normBias, false): multipliers.newBias
        case (.statistics, _): 0
        }
    }

    fileprivate func decays(_ parameter: Parameter) -> Bool {
        parameter.role == .weight || decayBiases
    }
}

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
