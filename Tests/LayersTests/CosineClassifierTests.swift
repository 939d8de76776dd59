import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct CosineClassifierTests {
    private let arena = ParameterArena()

    private func layer(classes: Int, channels: Int) -> CosineClassifier {
        CosineClassifier(weight: arena.formula("prototypes", [classes, channels, 1, 1]))
    }

    @Test(arguments: [(1, 2), (3, 7), (21, 33)]) func scoresAreCosines(classes: Int, channels: Int) {
        let (layer, x) = (layer(classes: classes, channels: channels), Volume(Shape(2, 3, 2, channels), formula: "x"))
        let dy = Volume(Shape(2, 3, 2, classes), formula: "dy")
        let run = LayerRun(layer, x, dy, makeContext())
        let tape = Tape()
        let (inputs, weights) = (tape.variables(x.values), tape.variables(layer.weight.doubles))
        func rows(_ values: [Real]) -> [[Real]] {
            stride(from: 0, to: values.count, by: channels).map { Array(values[$0..<$0 + channels]).normalized() }
        }
        let prototypes = rows(weights)
        let cosines = rows(inputs).flatMap { feature in prototypes.map { feature.dot($0) } }
        let loss = cosines.dot(dy.values.map { Real($0) })
        #expect(relativeError(run.y, cosines.values) < 1e-6)
        #expect(relativeError(run.dx ?? [], tape.gradient(of: loss, by: inputs)) < 1e-5)
        #expect(relativeError(run.gradients[0], tape.gradient(of: loss, by: weights)) < 1e-5)
    }

    @Test func gradientsAreSlopes() {
        let layer = layer(classes: 3, channels: 5)
        #expect(slopeErrors(layer, Volume(Shape(1, 2, 3, 5), formula: "x")).max() ?? 1 < 2e-3)
    }

    /// After a relu and dropout a pixel may have no features at all.
    @Test func aPixelWithoutFeaturesScoresZero() {
        let x = Volume(Shape(1, 1, 1, 4))
        let run = LayerRun(layer(classes: 3, channels: 4), x, Volume(Shape(1, 1, 1, 3), formula: "dy"), makeContext())
        #expect(run.y == [0, 0, 0])
        #expect(run.gradients[0].allSatisfy { $0 == 0 })
    }

    @Test func gradientsAccumulateWhereWanted() {
        let (layer, x) = (layer(classes: 3, channels: 4), Volume(Shape(1, 2, 2, 4), formula: "x"))
        let dy = Volume(Shape(1, 2, 2, 3), formula: "dy")
        #expect(accumulates(layer, x, dy))
        #expect(LayerRun(layer, x, dy, makeContext(), needsInputGradient: false).dx == nil)
        layer.weight.isTrainable = false
        let frozen = LayerRun(layer, x, dy, makeContext())
        #expect(frozen.gradients[0].allSatisfy { $0 == 0 } && frozen.dx != nil)
        let inference = makeContext(.inference)
        #expect(layer.forward(x.tensor(in: inference.workspace), inference).saved == nil)
    }

    @Test func theBitsDoNotDependOnTheThreads() {
        let x = Volume(Shape(2, 20, 21, 33), formula: "x")
        let dy = Volume(Shape(2, 20, 21, 21), formula: "dy")
        let layer = layer(classes: 21, channels: 33)
        #expect(isIndependentOfThreads { LayerRun(layer, x, dy, $0).all })
    }
}
