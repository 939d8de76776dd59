import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct NormalizationTests {
    static let shapes = [
        Shape(1, 1, 1, 1), Shape(2, 3, 5, 3), Shape(1, 7, 9, 7), Shape(3, 4, 4, 13), Shape(2, 40, 41, 33),
    ]

    @Test(arguments: shapes) func momentsAreSumsOverPixels(_ shape: Shape) {
        // Far from zero, where single precision would lose the variance.
        let x = Volume(shape, formula: "x", scale: 1, offset: 100)
        let wanted = channelSums(x) { value, _ in [value, value * value] }
        #expect(largestShare(moments(x, makeContext()), wanted) < 1e-12)
        #expect(moments(x, makeContext(threads: 3)) == moments(x, makeContext()))
    }

    @Test(arguments: shapes) func gradientSumsAreSumsOfProducts(_ shape: Shape) {
        let (dy, x, y) = (Volume(shape, formula: "dy"), Volume(shape, formula: "x"), Volume(shape, formula: "y"))
        let rows = TestRows(shape.c)
        for passed in Passed.allCases {
            let gradients = rows.gradients(dy, x, y, passed)
            let wanted = channelSums(dy) { _, index in
                [gradients[index], gradients[index] * rows.normalized(x.values[index], index % x.shape.c)]
            }
            let found = gradientSums(dy, x, y, passed, makeContext())
            #expect(largestShare(found.sums, wanted) < 1e-6)
            // Of a sum, what was added to it gets its gradient from here.
            #expect(found.dy == (passed == .whereResultIsPositive ? gradients : dy.values).map { Float($0) })
        }
    }

    @Test(arguments: shapes) func sumsDoNotDependOnTheThreads(_ shape: Shape) {
        let (dy, x, y) = (Volume(shape, formula: "dy"), Volume(shape, formula: "x"), Volume(shape, formula: "y"))
        for passed in Passed.allCases {
            let found = [1, 2, 3].map { gradientSums(dy, x, y, passed, makeContext(threads: $0)).sums }
            #expect(found[1] == found[0] && found[2] == found[0])
        }
    }

    @Test(arguments: shapes, [false, true]) func normalisationIsItsFormula(shape: Shape, relu: Bool) {
        let (x, term) = (Volume(shape, formula: "x"), Volume(shape, formula: "term"))
        let rows = TestRows(shape.c)
        for term in [nil, term] {
            let wanted = x.values.enumerated().map { index, value in
                let sum = rows.result(value, index % x.shape.c) + (term?.values[index] ?? 0)
                return relu ? max(sum, 0) : sum
            }
            func found(_ context: StepContext) -> [Float] {
                let y = Guarded(shape, in: context.workspace)
                rows.with(context) {
                    normalize(
                        x.tensor(in: context.workspace), $0, adding: term?.tensor(in: context.workspace), relu: relu,
                        into: y.tensor, pool: context.pool)
                }
                return y.elements
            }
            #expect(relativeError(found(makeContext()), wanted) < 1e-6)
            #expect(isIndependentOfThreads(found))
        }
    }

    /// A run that has gone astray must not look sound again.
    @Test(arguments: [false, true]) func whatIsNoNumberStaysNone(relu: Bool) {
        let context = makeContext()
        let shape = Shape(1, 1, 2, 20)
        let broken = context.workspace.tensor(shape)
        broken.fill(.nan)
        let sound = context.workspace.zeros(shape)
        for (x, term) in [(broken, nil), (broken, sound), (sound, broken)] {
            let y = context.workspace.tensor(shape)
            TestRows(shape.c).with(context) {
                normalize(x, $0, adding: term, relu: relu, into: y, pool: context.pool)
            }
            #expect(y.elements.allSatisfy { $0.isNaN })
        }
    }

    @Test(arguments: shapes) func channelsAreScaled(_ shape: Shape) {
        let (x, factor) = (Volume(shape, formula: "x"), Formula.values("factor", count: shape.c))
        let context = makeContext()
        let y = Guarded(shape, in: context.workspace)
        scaleChannels(x.tensor(in: context.workspace), factor: factor, into: y.tensor, pool: context.pool)
        #expect(relativeError(y.elements, zip(x.values, x.positions).map { $0 * Double(factor[$1.c]) }) < 1e-6)
    }

    @Test(arguments: shapes, [Passed.all, .wherePositive]) func theInputsGradientIsItsFormula(
        shape: Shape, passed: Passed
    ) {
        let (dy, x) = (Volume(shape, formula: "dy"), Volume(shape, formula: "x"))
        let (rows, means) = (
            TestRows(shape.c), ["factor", "mean", "product"].map { Formula.values($0, count: shape.c) }
        )
        let context = makeContext()
        let dx = Guarded(shape, in: context.workspace)
        rows.with(context) {
            normalizationGradient(
                dy.tensor(in: context.workspace), passed: passed.kernel(dx.tensor), x.tensor(in: context.workspace), $0,
                factor: means[0], meanGradient: means[1], meanProduct: means[2], into: dx.tensor, pool: context.pool)
        }
        let gradients = rows.gradients(dy, x, x, passed)
        let wanted = dy.positions.enumerated().map { index, place in
            let (factor, mean, product) = (
                Double(means[0][place.c]), Double(means[1][place.c]), Double(means[2][place.c])
            )
            return factor * (gradients[index] - mean - rows.normalized(x.values[index], place.c) * product)
        }
        #expect(relativeError(dx.elements, wanted) < 1e-6)
    }

    /// The kinds of `PassedGradients`.
    enum Passed: CaseIterable {
        case all, wherePositive, whereResultIsPositive

        func kernel(_ y: Tensor) -> PassedGradients {
            switch self {
            case .all: .all
            case .wherePositive: .wherePositive
            case .whereResultIsPositive: .whereResultIsPositive(y)
            }
        }
    }

    /// What is done to each channel, as `NormalizationRows`, in double precision.
    private struct TestRows {
        private let values: [[Float]]

        init(_ channels: Int) {
            values = ["inverse", "shift", "weight", "bias"].map { Formula.values($0, count: channels) }
        }

        func normalized(_ x: Double, _ c: Int) -> Double { x * Double(values[0][c]) + Double(values[1][c]) }
        func result(_ x: Double, _ c: Int) -> Double { normalized(x, c) * Double(values[2][c]) + Double(values[3][c]) }

        /// The gradients that pass.
        func gradients(_ dy: Volume, _ x: Volume, _ y: Volume, _ passed: Passed) -> [Double] {
            dy.values.indices.map { index in
                let passes =
                    switch passed {
                    case .all: true
                    case .wherePositive: result(x.values[index], index % x.shape.c) > 0
                    case .whereResultIsPositive: y.values[index] > 0
                    }
                return passes ? dy.values[index] : 0
            }
        }

        func with(_ context: StepContext, _ body: (NormalizationRows) -> Void) {
            let rows = values.map { context.workspace.tensor(Shape(1, 1, 1, $0.count), $0) }
            withExtendedLifetime(rows) {
                body(
                    NormalizationRows(
                        inverse: rows[0].floats, shift: rows[1].floats, weight: rows[2].floats, bias: rows[3].floats))
            }
        }
    }

    private func gradientSums(
        _ dy: Volume, _ x: Volume, _ y: Volume, _ passed: Passed, _ context: StepContext
    ) -> (sums: [Double], dy: [Float]) {
        let (workspace, pool) = (context.workspace, context.pool)
        let sums = workspace.buffer(of: Double.self, count: 2 * x.shape.c)
        let gradient = dy.tensor(in: workspace)
        TestRows(x.shape.c).with(context) {
            channelGradientSums(
                gradient, passed: passed.kernel(y.tensor(in: workspace)), x.tensor(in: workspace), $0, into: sums.data,
                workspace: workspace, pool: pool)
        }
        return (Array(UnsafeBufferPointer(start: sums.data, count: sums.count)), gradient.elements)
    }

    private func moments(_ x: Volume, _ context: StepContext) -> [Double] {
        let sums = context.workspace.buffer(of: Double.self, count: 2 * x.shape.c)
        channelMoments(
            x.tensor(in: context.workspace), into: sums.data, workspace: context.workspace, pool: context.pool)
        return Array(UnsafeBufferPointer(start: sums.data, count: sums.count))
    }

    private func channelSums(_ x: Volume, _ terms: (Double, Int) -> [Double]) -> [Double] {
        var sums = [Double](repeating: 0, count: 2 * x.shape.c)
        for (index, place) in x.positions.enumerated() {
            let pair = terms(x.values[index], index)
            sums[place.c] += pair[0]
            sums[x.shape.c + place.c] += pair[1]
        }
        return sums
    }

    private func largestShare(_ found: [Double], _ wanted: [Double]) -> Double {
        guard found.count == wanted.count else { return .infinity }
        let magnitude = wanted.reduce(0) { max($0, abs($1)) }
        return zip(found, wanted).reduce(0) { max($0, abs($1.0 - $1.1)) } / magnitude
    }
}
