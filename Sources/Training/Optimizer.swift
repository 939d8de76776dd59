package import Configuration
import Kernels
package import TensorCore

/// Stochastic gradient descent with momentum; each tensor has its own multiple of the rate, and decays or not.
package final class Optimizer {
    /// The tensors that are moved.
    let arena: ParameterArena
    private let momentum: Float
    private let settings: SolverSettings
    private var groups: [Group] = []
    /// The velocities, laid out as the arena's values.
    package let velocity: UnsafeMutablePointer<Float>

    /// Tensors that learn, with what the settings make of them.
    private struct Group {
        let parameter: Parameter
        let multiplier: Double
        let decay: Float
    }

    /// Takes the multipliers from the settings, and freezes the tensors whose multiplier is 0.
    package init(_ arena: ParameterArena, _ settings: SolverSettings) {
        self.arena = arena
        self.settings = settings
        momentum = Float(settings.momentum)
        velocity = .allocate(capacity: max(1, arena.count))
        velocity.initialize(repeating: 0, count: max(1, arena.count))
        assignRates()
    }

    /// Looks anew at which tensors are new; wanted when a checkpoint has told.
    package func assignRates() {
        for parameter in arena.parameters { parameter.learns = settings.multiplier(of: parameter) > 0 }
        groups = arena.parameters.filter(\.learns).map { parameter in
            Group(
                parameter: parameter, multiplier: settings.multiplier(of: parameter),
                decay: settings.decays(parameter) ? Float(settings.weightDecay) : 0)
        }
    }

    deinit { velocity.deallocate() }

    /// Moves every tensor that learns against its gradient, at `rate` times its multiplier.
    package func step(rate: Double, _ pool: ThreadPool) {
        for group in groups {
            let parameter = group.parameter
            sgdStep(
                parameter.value, parameter.gradient, velocity: velocity + parameter.offset, count: parameter.count,
                rate: Float(rate * group.multiplier), momentum: momentum, decay: group.decay, pool: pool)
        }
    }
}

extension SolverSettings {
    fileprivate func multiplier(of parameter: Parameter) -> Double {
        switch (parameter.role, parameter.isNew) {
        case (.weight, false), (.normWeight, false): multipliers.pretrainedWeight
        case (.weight, true), (.normWeight, true): multipliers.newWeight
        case (.bias, false), (.normBias, false): multipliers.pretrainedBias
        case (.bias, true), (.normBias, true): multipliers.newBias
        case (.statistics, _): 0
        }
    }

    fileprivate func decays(_ parameter: Parameter) -> Bool {
        parameter.role == .weight || decayBiases
    }
}
