import Kernels
package import TensorCore

/// Which statistics batch norm normalises with while it trains.
package enum BatchNormMode: Sendable, Equatable {
    /// Those of the batch at hand; with a way to sum over ranks in the context, those of the global batch.
    case batch
    /// The running ones; they do not change.
    case frozen
}

/// Batch normalisation, optionally with the ReLU that follows it and with what is added before that; `N x H x W x C` to
/// the same, each channel over all pixels of all images.
///
///     normalized = (x - mean) / sqrt(variance + 1e-5);  y = relu(weight * normalized + bias + term)
///
/// The batch's biased variance normalises; the unbiased one goes into the running variance.
package struct BatchNorm: Layer {
    package let weight: Parameter
    package let bias: Parameter
    package let runningMean: Parameter
    package let runningVariance: Parameter
    package let mode: BatchNormMode
    /// Weight of the new batch in the running statistics.
    package let momentum: Float
    /// Whether negative results become 0.
    package let relu: Bool

    package init(
        weight: Parameter, bias: Parameter, runningMean: Parameter, runningVariance: Parameter, mode: BatchNormMode,
        momentum: Float, relu: Bool
    ) {
        (self.weight, self.bias, self.runningMean, self.runningVariance) = (weight, bias, runningMean, runningVariance)
        (self.mode, self.momentum, self.relu) = (mode, momentum, relu)
    }

    package var parameters: [Parameter] { [weight, bias] }

    package func outputShape(_ input: Shape) -> Shape { input }

    /// The input, which a convolution before it has no need of, and the result, which what follows keeps (unless it pools).
    package func savedFloats(_ input: Shape, _ type: Tensor.ElementType) -> Int { 2 * input.floats(type) }

    package func scratchFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int {
        channelSumsFloats(input)
    }

    package struct Saved {
        /// From which, read once more, comes what is normalised: to keep that as well would be to write and read more.
        let x: Tensor
        let statistics: Statistics
        let passed: PassedGradients
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        forward(x, adding: nil, context)
    }

    /// The result with `term` added before the ReLU: the way round a block.
    func forward(_ x: Tensor, adding term: Tensor?, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        precondition(x.shape.c == weight.count, "\(weight.name) of \(weight.count) channels got \(x.shape)")
        let usesBatch = context.mode == .training && mode == .batch
        let statistics = usesBatch ? batchStatistics(x, context) : runningStatistics(context)
        let y = context.workspace.tensor(x.shape, x.type)
        normalize(x, rows(statistics), adding: term, relu: relu, into: y, pool: context.pool)
        guard context.saves else { return (y, nil) }
        let passed: PassedGradients = !relu ? .all : term == nil ? .wherePositive : .whereResultIsPositive(y)
        return (y, Saved(x: x, statistics: statistics, passed: passed))
    }

    private func rows(_ statistics: Statistics) -> NormalizationRows {
        NormalizationRows(
            inverse: statistics.inverse.floats, shift: statistics.negatedMean.floats, weight: weight.value,
            bias: bias.value
        )
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        backward(dy, into: dy, saved, context, needsInputGradient: needsInputGradient)
    }

    /// The gradient of the input in `dx`; unless that is `dy`, `dy` is left what it is to the added term: its gradient.
    func backward(
        _ dy: Tensor, into dx: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool
    ) -> Tensor? {
        precondition(dy.shape == saved.x.shape, "\(weight.name) got a gradient \(dy.shape)")
        let channels = dy.shape.c
        let sums = context.workspace.buffer(of: Double.self, count: 2 * channels)
        channelGradientSums(
            dy, passed: saved.passed, saved.x, rows(saved.statistics), into: sums.data, workspace: context.workspace,
            pool: context.pool)
        if weight.isTrainable {
            for c in 0..<channels { weight.gradient[c] += Float(sums.data[channels + c]) }
        }
        if bias.isTrainable {
            for c in 0..<channels { bias.gradient[c] += Float(sums.data[c]) }
        }
        guard needsInputGradient else { return nil }
        inputGradient(dy, saved, sums, into: dx, context)
        return dx
    }

    /// The statistics' own dependence on x takes the means of `dy` and of `dy * normalized` out of the gradient.
    private func inputGradient(
        _ dy: Tensor, _ saved: Saved, _ sums: Buffer<Double>, into dx: Tensor, _ context: StepContext
    ) {
        let channels = dy.shape.c
        let memory = context.workspace.zeros(Shape(3, 1, 1, channels))
        let (factor, meanGradient, meanProduct) = (
            memory.floats, memory.floats + channels, memory.floats + 2 * channels
        )
        for c in 0..<channels { factor[c] = weight.value[c] * saved.statistics.inverse.floats[c] }
        if let population = saved.statistics.population {
            context.sumOverRanks?(UnsafeMutableBufferPointer(start: sums.data, count: 2 * channels))
            for c in 0..<channels {
                meanGradient[c] = Float(sums.data[c] / population)
                meanProduct[c] = Float(sums.data[channels + c] / population)
            }
        }
        normalizationGradient(
            dy, passed: saved.passed, saved.x, rows(saved.statistics), factor: factor, meanGradient: meanGradient,
            meanProduct: meanProduct, into: dx, pool: context.pool)
    }
}

// MARK: - Statistics

extension BatchNorm {
    /// What normalises: `normalized = inverse * x + negatedMean`.
    struct Statistics {
        /// 1 / deviation.
        let inverse: Tensor
        /// - mean / deviation.
        let negatedMean: Tensor
        /// Vectors that made them, over all ranks; `nil` where they are fixed.
        let population: Double?
    }

    private func runningStatistics(_ context: StepContext) -> Statistics {
        statistics(context, population: nil) { channel in
            (Double(runningMean.value[channel]), Double(runningVariance.value[channel]))
        }
    }

    private func batchStatistics(_ x: Tensor, _ context: StepContext) -> Statistics {
        let channels = x.shape.c
        let sums = context.workspace.buffer(of: Double.self, count: 2 * channels + 1)
        channelMoments(x, into: sums.data, workspace: context.workspace, pool: context.pool)
        sums.data[2 * channels] = Double(x.shape.pixels)
        context.sumOverRanks?(UnsafeMutableBufferPointer(start: sums.data, count: sums.count))
        let population = max(1, sums.data[2 * channels])
        return statistics(context, population: population) { channel in
            let mean = sums.data[channel] / population
            let variance = max(0, sums.data[channels + channel] / population - mean * mean)
            if context.updatesStatistics && sums.data[2 * channels] > 0 {
                remember(channel, mean: mean, variance: variance * population / max(1, population - 1))
            }
            return (mean, variance)
        }
    }

    private func remember(_ channel: Int, mean: Double, variance: Double) {
        runningMean.valueForWriting()[channel] += momentum * (Float(mean) - runningMean.value[channel])
        runningVariance.valueForWriting()[channel] += momentum * (Float(variance) - runningVariance.value[channel])
    }

    private func statistics(
        _ context: StepContext, population: Double?, _ moments: (Int) -> (mean: Double, variance: Double)
    ) -> Statistics {
        let channels = weight.count
        let inverse = context.workspace.tensor(Shape(1, 1, 1, channels))
        let negatedMean = context.workspace.tensor(Shape(1, 1, 1, channels))
        for channel in 0..<channels {
            let (mean, variance) = moments(channel)
            let scale = 1 / (variance + 1e-5).squareRoot()
            inverse.floats[channel] = Float(scale)
            negatedMean.floats[channel] = Float(-mean * scale)
        }
        return Statistics(inverse: inverse, negatedMean: negatedMean, population: population)
    }
}
