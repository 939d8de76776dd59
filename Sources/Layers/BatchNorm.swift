internal import Kernels
package import TensorCore

/// Which statistics batch norm normalises with while it trains.
package enum BatchNormMode: Sendable, Equatable {
    /// Those of the batch at hand; with a way to sum over ranks in the context, those of the global batch.
    case batch
    /// The running ones; they do not change.
    case frozen
}

/// Batch normalisation, optionally with the ReLU that follows it.
///
///     normalized = (x - mean) / sqrt(variance + 1e-5);  y = relu(weight * normalized + bias)
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

    /// The result and the normalised input.
    package func keptFloats(_ input: Shape) -> Int { 2 * input.count }

    package struct Saved {
        /// (x - mean) / deviation.
        let normalized: Tensor
        /// 1 / deviation of each channel.
        let inverse: Tensor
        /// Vectors that made the statistics, over all ranks; `nil` where they are fixed.
        let population: Double?
        let y: Tensor?
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        precondition(x.shape.c == weight.count, "\(weight.name) of \(weight.count) channels got \(x.shape)")
        let usesBatch = context.mode == .training && mode == .batch
        let statistics = usesBatch ? batchStatistics(x, context) : runningStatistics(context)
        let y = context.workspace.tensor(x.shape)
        guard context.saves else {
            let (factor, offset) = affine(statistics, context)
            scaleChannels(x, factor: factor.data, offset: offset.data, relu: relu, into: y, pool: context.pool)
            return (y, nil)
        }
        let normalized = context.workspace.tensor(x.shape)
        normalizeChannels(
            x, inverse: statistics.inverse.data, negatedMean: statistics.negatedMean.data, weight: weight.value,
            bias: bias.value, relu: relu, into: normalized, y, pool: context.pool)
        let saved = Saved(
            normalized: normalized, inverse: statistics.inverse, population: statistics.population,
            y: relu ? y : nil)
        return (y, saved)
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, wantsInput: Bool) -> Tensor? {
        precondition(dy.shape == saved.normalized.shape, "\(weight.name) got a gradient \(dy.shape)")
        let channels = dy.shape.c
        let sums = context.workspace.buffer(of: Double.self, count: 2 * channels)
        channelGradientSums(
            dy, where: saved.y, normalized: saved.normalized, into: sums.data, workspace: context.workspace,
            pool: context.pool)
        if weight.learns {
            for c in 0..<channels { weight.gradient[c] += Float(sums.data[channels + c]) }
        }
        if bias.learns {
            for c in 0..<channels { bias.gradient[c] += Float(sums.data[c]) }
        }
        guard wantsInput else { return nil }
        inputGradient(dy, saved, sums, context)
        return dy
    }

    /// The statistics' own dependence on x takes the means of `dy` and of `dy * normalized` out of the gradient.
    private func inputGradient(_ dy: Tensor, _ saved: Saved, _ sums: Buffer<Double>, _ context: StepContext) {
        let channels = dy.shape.c
        let rows = context.workspace.zeros(Shape(3, 1, 1, channels))
        let (factor, meanGradient, meanProduct) = (rows.data, rows.data + channels, rows.data + 2 * channels)
        for c in 0..<channels { factor[c] = weight.value[c] * saved.inverse.data[c] }
        if let population = saved.population {
            context.sumOverRanks?(UnsafeMutableBufferPointer(start: sums.data, count: 2 * channels))
            for c in 0..<channels {
                meanGradient[c] = Float(sums.data[c] / population)
                meanProduct[c] = Float(sums.data[channels + c] / population)
            }
        }
        normalizationGradient(
            dy, normalized: saved.normalized, factor: factor, meanGradient: meanGradient, meanProduct: meanProduct,
            into: dy, pool: context.pool)
    }
}

// MARK: - Statistics

extension BatchNorm {
    /// What normalises: `normalized = inverse * x + negatedMean`.
    private struct Statistics {
        let inverse: Tensor
        /// - mean / deviation.
        let negatedMean: Tensor
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
        runningMean.value[channel] += momentum * (Float(mean) - runningMean.value[channel])
        runningVariance.value[channel] += momentum * (Float(variance) - runningVariance.value[channel])
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
            inverse.data[channel] = Float(scale)
            negatedMean.data[channel] = Float(-mean * scale)
        }
        return Statistics(inverse: inverse, negatedMean: negatedMean, population: population)
    }

    /// Normalisation, weight and bias as one factor and one offset a channel.
    private func affine(_ statistics: Statistics, _ context: StepContext) -> (factor: Tensor, offset: Tensor) {
        let factor = context.workspace.tensor(statistics.inverse.shape)
        let offset = context.workspace.tensor(statistics.inverse.shape)
        for c in 0..<weight.count {
            factor.data[c] = weight.value[c] * statistics.inverse.data[c]
            offset.data[c] = weight.value[c] * statistics.negatedMean.data[c] + bias.value[c]
        }
        return (factor, offset)
    }
}
