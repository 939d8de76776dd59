package import TensorCore

/// `solver:` how long and how fast to learn.
package struct SolverSettings: Section {
    package static let about = "how long and how fast to learn"
    package static let users: Set<Command>? = .training

    @Key("steps of the optimizer", .within(1...1_000_000_000)) package var iterations = 8000
    @Key("images of one step, over all ranks", .within(1...1_000_000)) package var batch = 20
    @Key("images held at once, per rank; 0: all", .within(0...1_000_000)) package var microBatch = 0
    @Key("base learning rate", .atLeast(0)) package var lr = 1e-3
    @Key("of stochastic gradient descent", .within(0...1)) package var momentum = 0.9
    @Key("added to the gradient, times the weight", .atLeast(0)) package var weightDecay = 5e-4
    package var schedule = ScheduleSettings()
    package var multipliers = MultiplierSettings()
    @Key("biases and batch-norm parameters decay too") package var decayBiases = false
    @Key("what gradients are between ranks; bfloat16: half the bytes, each number rounded twice")
    package var gradientExchange = Tensor.ElementType.float32

    /// The defaults.
    package init() {}
}

/// `solver.schedule:` how the learning rate falls.
package struct ScheduleSettings: Section {
    package static let about = "how the learning rate falls"

    @Key("by a factor at milestones, or as a power of the part left") package var kind = ScheduleKind.step
    @Key("step: iterations (from 0) where it falls", .ascending) package var milestones = [5000]
    @Key("step: what it is multiplied by", .atLeast(0)) package var factor = 0.1
    @Key("poly: exponent of 1 - t/iterations", .atLeast(0)) package var power = 0.9

    /// The defaults.
    package init() {}
}

/// `solver.multipliers:` learning rates of the kinds of tensors; new ones were not in the start weights.
package struct MultiplierSettings: Section {
    package static let about = "multiples of the learning rate; 0 freezes"

    @Key("weights found in the start weights", .atLeast(0)) package var pretrainedWeight = 1.0
    @Key("biases found in the start weights", .atLeast(0)) package var pretrainedBias = 2.0
    @Key("all other weights, always the classifier's", .atLeast(0)) package var newWeight = 10.0
    @Key("all other biases", .atLeast(0)) package var newBias = 20.0

    /// The defaults.
    package init() {}
}
