import Configuration
import TensorCore
import TestSupport
import Testing
import Training

@Suite struct OptimizerTests {
    /// Tensors of every role, found in start weights and not.
    private let arena: ParameterArena = {
        let arena = ParameterArena()
        for age in ["pretrained", "new"] {
            for (role, name) in OptimizerTests.roles {
                let parameter = arena.declare("\(age)_\(name)", [3, 5], role: role, start: .constant(0))
                parameter.isPretrained = age == "pretrained"
                parameter.setValue(fileOrder: Formula.values(parameter.name, count: 15))
            }
        }
        return arena
    }()
    private static let roles: [(Parameter.Role, String)] = [
        (.weight, "weight"), (.bias, "bias"), (.normWeight, "norm_weight"), (.normBias, "norm_bias"),
    ]
    private let pool = ThreadPool(threadCount: 2)

    private func settings(_ text: String) throws -> SolverSettings {
        try RunConfiguration(yaml: "solver: {momentum: 0.9, \(text)}").solver
    }

    private func setGradients(_ step: Int) {
        for parameter in arena.parameters {
            let values = Formula.values("\(parameter.name)/\(step)", count: parameter.count)
            parameter.set(parameter.gradient, fileOrder: values)
        }
    }

    /// The rule written out: g = dL/dw + decay w; v = g, then 0.9 v + g; w -= rate v.
    private func expected(_ parameter: Parameter, _ steps: Int, rate: Double, decay: Double) -> [Double] {
        var weights = Formula.values(parameter.name, count: parameter.count).map { Double($0) }
        var velocities = [Double](repeating: 0, count: weights.count)
        for step in 0..<steps {
            let gradients = Formula.values("\(parameter.name)/\(step)", count: weights.count)
            for index in weights.indices {
                let gradient = Double(gradients[index]) + decay * weights[index]
                velocities[index] = step == 0 ? gradient : 0.9 * velocities[index] + gradient
                weights[index] -= rate * velocities[index]
            }
        }
        return weights
    }

    @Test(arguments: [false, true])
    func everyGroupMovesAtItsRate(_ decayBiases: Bool) throws {
        let settings = try settings("weight_decay: 0.01, decay_biases: \(decayBiases)")
        let optimizer = Optimizer(arena, settings)
        for step in 0..<3 {
            setGradients(step)
            optimizer.step(rate: 0.002, pool)
        }
        let multipliers = [
            "pretrained_weight": 1.0, "pretrained_bias": 2, "pretrained_norm_weight": 1, "pretrained_norm_bias": 2,
            "new_weight": 10, "new_bias": 20, "new_norm_weight": 10, "new_norm_bias": 20,
        ]
        for parameter in arena.parameters {
            let rate = 0.002 * (multipliers[parameter.name] ?? .nan)
            let decay = parameter.role == .weight || decayBiases ? 0.01 : 0
            let wanted = expected(parameter, 3, rate: rate, decay: decay)
            #expect(relativeError(parameter.fileOrder(parameter.value), wanted) < 1e-6, "\(parameter.name)")
        }
    }

    @Test func aMultiplierOfZeroFreezes() throws {
        let optimizer = Optimizer(arena, try settings("multipliers: {pretrained_weight: 0, new_bias: 0}"))
        #expect(arena.parameters.filter { !$0.isTrainable }.isEmpty, "making an optimizer changes nothing")
        optimizer.freezeUntrained()
        let frozen = ["pretrained_weight", "pretrained_norm_weight", "new_bias", "new_norm_bias"]
        #expect(arena.parameters.filter { !$0.isTrainable }.map(\.name) == frozen)
        setGradients(0)
        optimizer.step(rate: 1, pool)
        for parameter in arena.parameters {
            let start = Formula.values(parameter.name, count: parameter.count)
            let isAsBefore = areBitwiseEqual(parameter.fileOrder(parameter.value), start)
            #expect(isAsBefore == frozen.contains(parameter.name), "\(parameter.name)")
        }
    }

    /// A checkpoint tells which tensors were in the start weights; their rates follow.
    @Test func ratesFollowWhatIsNew() throws {
        let optimizer = Optimizer(arena, try settings("weight_decay: 0, multipliers: {new_weight: 0}"))
        optimizer.freezeUntrained()
        let weight = try #require(arena.parameters.first { $0.name == "new_weight" })
        #expect(!weight.isTrainable)
        weight.isPretrained = true
        optimizer.freezeUntrained()
        #expect(weight.isTrainable)
        setGradients(0)
        optimizer.step(rate: 0.5, pool)
        let wanted = expected(weight, 1, rate: 0.5, decay: 0)
        #expect(relativeError(weight.fileOrder(weight.value), wanted) < 1e-6)
    }
}
