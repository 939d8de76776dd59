import Kernels
import TensorCore
import TestSupport
import Testing

/// Kernels on bfloat16 compute in float32: the bits are those of the same kernel on the same numbers in float32, rounded
/// in the end.
@Suite struct HalfPrecisionKernelTests {
    static let shapes = [
        Shape(0, 3, 3, 20), Shape(1, 1, 1, 1), Shape(2, 3, 5, 3), Shape(1, 7, 9, 16), Shape(2, 9, 8, 37),
        Shape(1, 40, 41, 33),
    ]

    @Test(arguments: shapes) func sumsAndMasks(_ shape: Shape) {
        expectRoundedBits("sum", shape) { x, y, _, context in addTensor(x, to: y, pool: context.pool) }
        expectRoundedBits("sum and ReLU", shape) { x, y, _, context in addWithReLU(x, to: y, pool: context.pool) }
        expectRoundedBits("ReLU", shape) { _, y, _, context in addWithReLU(nil, to: y, pool: context.pool) }
        expectRoundedBits("mask", shape) { x, y, _, context in maskGradient(y, whereNotPositive: x, context.pool) }
    }

    @Test(arguments: PoolingCase.all) func pooling(_ test: PoolingCase) {
        for pass in 0..<4 where pass < 2 || !test.geometry.ceil {
            let found = types.map { type in
                let (context, geometry) = (makeContext(), test.geometry)
                let (workspace, pool) = (context.workspace, context.pool)
                let x = Volume(test.image, formula: "x").rounded.tensor(in: workspace, as: type)
                let output = geometry.outputShape(test.image)
                let dy = Volume(output, formula: "dy").rounded.tensor(in: workspace, as: type)
                let (y, dx) = (workspace.tensor(output, type), workspace.tensor(test.image, type))
                let taps = workspace.buffer(of: UInt8.self, count: y.count)
                switch pass {
                case 0, 1: maxPool(x, geometry: geometry, into: y, taps: taps.data, pool: pool)
                default: averagePool(x, geometry: geometry, into: y, pool: pool)
                }
                guard pass % 2 == 1 else { return y.elements }
                if pass == 1 {
                    maxPoolGradient(dy, taps: taps.data, geometry: geometry, into: dx, pool: pool)
                } else {
                    averagePoolGradient(dy, geometry: geometry, into: dx, pool: pool)
                }
                return dx.elements
            }
            #expect(areBitwiseEqual(found[1], rounded(found[0])), "pass \(pass)")
        }
    }

    @Test(arguments: shapes) func channelsAreScaled(_ shape: Shape) {
        let factor = Formula.values("factor", count: shape.c)
        expectRoundedBits("scale", shape) { x, y, _, context in
            scaleChannels(x, factor: factor, into: y, pool: context.pool)
        }
    }

    @Test(arguments: shapes, [false, true]) func normalisation(shape: Shape, relu: Bool) {
        expectRoundedBits("forward", shape) { x, y, term, context in
            withRows(shape.c, context) { normalize(x, $0, adding: nil, relu: relu, into: y, pool: context.pool) }
        }
        expectRoundedBits("forward with a term", shape) { x, y, term, context in
            withRows(shape.c, context) { normalize(x, $0, adding: term, relu: relu, into: y, pool: context.pool) }
        }
        let means = ["factor", "mean", "product"].map { Formula.values($0, count: shape.c) }
        expectRoundedBits("backward", shape) { x, y, dy, context in
            withRows(shape.c, context) {
                normalizationGradient(
                    dy, passed: relu ? .wherePositive : .all, x, $0, factor: means[0], meanGradient: means[1],
                    meanProduct: means[2], into: y, pool: context.pool)
            }
        }
    }

    /// Statistics are sums of the same numbers, in Double.
    @Test(arguments: shapes) func statistics(_ shape: Shape) {
        let found = types.map { type in
            let context = makeContext()
            let (x, y, dy) = tensors(shape, type, context)
            let sums = context.workspace.buffer(of: Double.self, count: 4 * shape.c)
            channelMoments(x, into: sums.data, workspace: context.workspace, pool: context.pool)
            withRows(shape.c, context) {
                channelGradientSums(
                    dy, passed: .whereResultIsPositive(y), x, $0, into: sums.data + 2 * shape.c,
                    workspace: context.workspace, pool: context.pool)
            }
            return (Array(UnsafeBufferPointer(start: sums.data, count: sums.count)), dy.elements)
        }
        #expect(found[0].0 == found[1].0 && found[0].1 == found[1].1)
    }

    // MARK: - The same twice

    private let types: [Tensor.ElementType] = [.float32, .bfloat16]

    /// Three tensors of numbers that both types can hold.
    private func tensors(
        _ shape: Shape, _ type: Tensor.ElementType, _ context: StepContext
    ) -> (Tensor, Tensor, Tensor) {
        func tensor(_ name: String) -> Tensor {
            Volume(shape, formula: name).rounded.tensor(in: context.workspace, as: type)
        }
        return (tensor("x"), tensor("y"), tensor("z"))
    }

    /// Compares what `body` leaves in the second of its three tensors.
    private func expectRoundedBits(
        _ name: String, _ shape: Shape, _ body: (Tensor, Tensor, Tensor, StepContext) -> Void
    ) {
        let found = types.map { type in
            let context = makeContext()
            let (x, y, z) = tensors(shape, type, context)
            body(x, y, z, context)
            return y.elements
        }
        #expect(areBitwiseEqual(found[1], rounded(found[0])), "\(name)")
    }

    private func rounded(_ values: [Float]) -> [Float] { values.map { BFloat16($0).float } }

    private func withRows(_ channels: Int, _ context: StepContext, _ body: (NormalizationRows) -> Void) {
        let rows = ["inverse", "shift", "weight", "bias"].map {
            context.workspace.tensor(Shape(1, 1, 1, channels), Formula.values($0, count: channels))
        }
        body(
            NormalizationRows(
                inverse: rows[0].floats, shift: rows[1].floats, weight: rows[2].floats, bias: rows[3].floats))
        withExtendedLifetime(rows) {}
    }
}
