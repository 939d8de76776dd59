import Kernels
import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct PoolingTests {
    static let geometries = [
        PoolingGeometry(kernel: 3, stride: 2, padding: 1), PoolingGeometry(kernel: 3, stride: 1, padding: 1),
        PoolingGeometry(kernel: 3, stride: 2, padding: 1, ceil: true),
    ]
    private let x = Volume(Shape(2, 8, 9, 5), formula: "x")

    @Test(arguments: geometries) func maxima(_ geometry: PoolingGeometry) {
        let (layer, twin) = (MaxPool(geometry), NaivePooling(geometry))
        let dy = Volume(layer.outputShape(x.shape), formula: "dy")
        let run = LayerRun(layer, x, dy, makeContext())
        #expect(run.y == twin.maximum(x).y.floats)
        #expect(relativeError(run.dx ?? [], twin.maximumGradient(x, dy).values) < 1e-6)
        // Within a step of 1e-3 few of the maxima change hands, and those only to one side.
        #expect(slopeErrors(layer, x, step: 1e-3)[0] < 1e-3)
    }

    @Test(arguments: geometries.dropLast()) func means(_ geometry: PoolingGeometry) {
        let (layer, twin) = (AveragePool(geometry), NaivePooling(geometry))
        let dy = Volume(layer.outputShape(x.shape), formula: "dy")
        let run = LayerRun(layer, x, dy, makeContext())
        #expect(relativeError(run.y, twin.average(x).values) < 1e-6)
        #expect(relativeError(run.dx ?? [], twin.averageGradient(x, dy).values) < 1e-6)
        #expect(slopeErrors(layer, x)[0] < 1e-4)
    }

    @Test func nothingIsKeptOrComputedUnasked() {
        let dy = Volume(Shape(2, 4, 5, 5), formula: "dy")
        let (maxPool, averagePool) = (MaxPool(PoolingTests.geometries[0]), AveragePool(PoolingTests.geometries[0]))
        let inference = makeContext(.inference)
        let input = x.tensor(in: inference.workspace)
        #expect(maxPool.forward(input, inference).saved == nil && averagePool.forward(input, inference).saved == nil)
        #expect(LayerRun(maxPool, x, dy, makeContext(), needsInputGradient: false).dx == nil)
        #expect(LayerRun(averagePool, x, dy, makeContext(), needsInputGradient: false).dx == nil)
    }
}
