import Layers
import TensorCore
import TestSupport
import Testing

/// A batch norm of five channels whose parameters are made by formula.
private struct Norm {
    let arena = ParameterArena()
    let layer: BatchNorm

    init(_ mode: BatchNormMode = .batch, relu: Bool = false, momentum: Float = 0.1) {
        let mean = arena.declareStatistics("mean", channels: 5, start: 0)
        let variance = arena.declareStatistics("variance", channels: 5, start: 1)
        mean.setValue(fileOrder: Formula.values("mean", count: 5))
        variance.setValue(fileOrder: Formula.values("variance", count: 5, scale: 0.5, offset: 1))
        layer = BatchNorm(
            weight: arena.formula("w", [5], role: .normWeight, offset: 0.5),
            bias: arena.formula("b", [5], role: .normBias), runningMean: mean, runningVariance: variance, mode: mode,
            momentum: momentum, relu: relu)
    }

    var statistics: [Float] {
        layer.runningMean.fileOrder(layer.runningMean.value)
            + layer.runningVariance.fileOrder(layer.runningVariance.value)
    }
}

/// The definition on a tape: y and the gradients of sum(dy * y) by x, weight and bias.
private struct NaiveNorm {
    var y: [Double] = []
    var (dx, dWeight, dBias): ([Double], [Double], [Double]) = ([], [], [])
    /// Of each channel, over the batch: mean and unbiased variance.
    var (mean, variance): ([Double], [Double]) = ([], [])

    init(_ norm: Norm, _ x: Volume, _ dy: Volume, usesBatch: Bool) {
        let (tape, layer, count) = (Tape(), norm.layer, Double(x.shape.pixels))
        let inputs = tape.variables(x.values)
        let (weight, bias) = (tape.variables(layer.weight.doubles), tape.variables(layer.bias.doubles))
        var (output, loss) = ([Real](repeating: 0, count: x.values.count), 0 as Real)
        for c in 0..<x.shape.c {
            let indices = stride(from: c, to: inputs.count, by: x.shape.c)
            var mean = indices.map { inputs[$0] }.sum() / Real(count)
            var variance = indices.map { Real.pow(inputs[$0] - mean, 2) }.sum() / Real(count)
            self.mean.append(mean.value)
            self.variance.append(variance.value * count / (count - 1))
            if !usesBatch {
                (mean, variance) = (Real(layer.runningMean.doubles[c]), Real(layer.runningVariance.doubles[c]))
            }
            for index in indices {
                let y = weight[c] * ((inputs[index] - mean) / Real.sqrt(variance + 1e-5)) + bias[c]
                output[index] = layer.relu ? Real.relu(y) : y
                loss += output[index] * Real(dy.values[index])
            }
        }
        y = output.values
        dx = tape.gradient(of: loss, by: inputs)
        dWeight = tape.gradient(of: loss, by: weight)
        dBias = tape.gradient(of: loss, by: bias)
    }
}

@Suite struct BatchNormTests {
    private let x = Volume(Shape(3, 4, 5, 5), formula: "x", offset: 0.3)
    private let dy = Volume(Shape(3, 4, 5, 5), formula: "dy")

    @Test(arguments: [BatchNormMode.batch, .frozen], [false, true]) func isItsDefinition(
        mode: BatchNormMode, relu: Bool
    ) {
        let norm = Norm(mode, relu: relu)
        let wanted = NaiveNorm(norm, x, dy, usesBatch: mode == .batch)
        let run = LayerRun(norm.layer, x, dy, makeContext())
        #expect(relativeError(run.y, wanted.y) < 1e-5)
        #expect(relativeError(run.dx ?? [], wanted.dx) < 2e-5)
        #expect(relativeError(run.gradients[0], wanted.dWeight) < 1e-5)
        #expect(relativeError(run.gradients[1], wanted.dBias) < 1e-5)
    }

    @Test(arguments: [BatchNormMode.batch, .frozen]) func gradientsAreSlopes(_ mode: BatchNormMode) {
        let norm = Norm(mode)
        #expect(slopeErrors(norm.layer, x).max() ?? 1 < 2e-3)
    }

    @Test(arguments: [Float(0.1), 0.999]) func runningStatisticsMoveByTheMomentum(_ momentum: Float) {
        let norm = Norm(momentum: momentum)
        let (before, wanted) = (norm.statistics, NaiveNorm(norm, x, dy, usesBatch: true))
        _ = LayerRun(norm.layer, x, dy, makeContext())
        let moved = zip(before, wanted.mean + wanted.variance).map {
            Double($0) * (1 - Double(momentum)) + $1 * Double(momentum)
        }
        #expect(relativeError(norm.statistics, moved) < 1e-6)
    }

    @Test func rehearsalsAndInferenceMoveNoStatistics() {
        let (norm, frozen, context) = (Norm(), Norm(.frozen), makeContext())
        let before = norm.statistics
        let input = x.tensor(in: context.workspace)
        _ = norm.layer.forward(input, context.rehearsal)
        _ = norm.layer.forward(input, makeContext(.inference))
        _ = LayerRun(frozen.layer, x, dy, context)
        #expect(norm.statistics == before && frozen.statistics == before)
    }

    @Test func inferenceUsesTheRunningStatistics() {
        let norm = Norm(relu: true)
        let context = makeContext(.inference)
        let (y, saved) = norm.layer.forward(x.tensor(in: context.workspace), context)
        #expect(saved == nil)
        #expect(relativeError(y.elements, NaiveNorm(norm, x, dy, usesBatch: false).y) < 1e-5)
    }

    @Test func aFrozenTrainingPassMaySaveNothing() {
        let norm = Norm()
        let context = makeContext()
        let (y, saved) = norm.layer.forward(x.tensor(in: context.workspace), context.withoutSaving)
        #expect(saved == nil)
        #expect(relativeError(y.elements, NaiveNorm(norm, x, dy, usesBatch: true).y) < 1e-5)
    }

    /// However the batch is dealt out, even to a rank without a sample, results and statistics are the whole batch's.
    @Test(arguments: [[2, 1], [1, 1, 1], [3, 0], [0, 3]]) func ranksTogetherAreOneBatch(_ shares: [Int]) {
        let (x, dy) = (self.x, self.dy)
        let norm = Norm(relu: true)
        let wanted = NaiveNorm(norm, x, dy, usesBatch: true)
        let whole = LayerRun(norm.layer, x, dy, makeContext())
        let ranks = withRanks(shares.count) { rank, sum in
            let first = shares[..<rank].reduce(0, +)
            let images = first..<first + shares[rank]
            var context = makeContext(threads: 1)
            context.sumOverRanks = sum
            let norm = Norm(relu: true)
            let run = LayerRun(norm.layer, x.images(images), dy.images(images), context)
            return [run.y, run.dx ?? [], run.gradients[0], run.gradients[1], norm.statistics]
        }
        #expect(relativeError(ranks.flatMap { $0[0] }, wanted.y) < 1e-5)
        #expect(relativeError(ranks.flatMap { $0[1] }, wanted.dx) < 2e-5)
        // Parameters' gradients are each rank's own share.
        for parameter in 0..<2 {
            let sum = (0..<5).map { channel in ranks.reduce(0) { $0 + $1[2 + parameter][channel] } }
            #expect(relativeError(sum, whole.gradients[parameter].map { Double($0) }) < 1e-5)
        }
        #expect(ranks.allSatisfy { $0[4] == norm.statistics })
    }

    @Test func oneVectorHasNoVariance() {
        let norm = Norm()
        let x = Volume(Shape(1, 1, 1, 5), formula: "one")
        let run = LayerRun(norm.layer, x, Volume(x.shape, formula: "dy"), makeContext())
        #expect(relativeError(run.y, norm.layer.bias.doubles) < 1e-4)
        #expect(run.all.allSatisfy(\.isFinite) && norm.statistics.allSatisfy(\.isFinite))
    }

    @Test func gradientsOfParametersAccumulate() {
        let norm = Norm(relu: true)
        #expect(accumulates(norm.layer, x, dy))
    }

    @Test func whatIsFrozenGetsNoGradient() {
        let norm = Norm()
        norm.layer.weight.isTrainable = false
        let run = LayerRun(norm.layer, x, dy, makeContext(), needsInputGradient: false)
        #expect(run.dx == nil)
        #expect(run.gradients[0].allSatisfy { $0 == 0 } && run.gradients[1].allSatisfy { $0 != 0 })
    }

    @Test func theBitsDoNotDependOnTheThreads() {
        let x = Volume(Shape(2, 40, 41, 5), formula: "x")
        let dy = Volume(x.shape, formula: "dy")
        let norm = Norm(relu: true)
        #expect(isIndependentOfThreads { LayerRun(norm.layer, x, dy, $0).all })
    }
}
