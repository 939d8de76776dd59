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
        #expect(
            largestShare(sums(x, nil, makeContext()), channelSums(x) { value, _ in [value, value * value] }) < 1e-12)
    }

    @Test(arguments: shapes) func gradientSumsAreSumsOfProducts(_ shape: Shape) {
        let (dy, normalized) = (Volume(shape, formula: "dy"), Volume(shape, formula: "normalized"))
        let wanted = channelSums(dy) { value, index in [value, value * normalized.values[index]] }
        #expect(largestShare(sums(dy, normalized, makeContext()), wanted) < 1e-12)
    }

    @Test(arguments: shapes) func sumsDoNotDependOnTheThreads(_ shape: Shape) {
        let (dy, normalized) = (Volume(shape, formula: "dy"), Volume(shape, formula: "normalized"))
        let found = [1, 2, 3].map { sums(dy, normalized, makeContext(threads: $0)) }
        #expect(found[1] == found[0] && found[2] == found[0])
    }

    @Test(arguments: shapes, [false, true]) func normalisationIsItsFormula(shape: Shape, relu: Bool) {
        let (x, term) = (Volume(shape, formula: "x"), Volume(shape, formula: "term"))
        let values = ["inverse", "shift", "weight", "bias"].map { Formula.values($0, count: shape.c) }
        func wanted(adding term: Volume?) -> (normalized: [Double], y: [Double]) {
            let normalized = zip(x.values, x.positions).map { $0 * Double(values[0][$1.c]) + Double(values[1][$1.c]) }
            let y = normalized.enumerated().map { index, value in
                let c = index % shape.c
                let sum = value * Double(values[2][c]) + Double(values[3][c]) + (term?.values[index] ?? 0)
                return relu ? max(sum, 0) : sum
            }
            return (normalized, y)
        }
        func found(adding term: Volume?, keeps: Bool, _ context: StepContext) -> (normalized: [Float], y: [Float]) {
            let (y, normalized) = (Guarded(shape, in: context.workspace), Guarded(shape, in: context.workspace))
            let rows = values.map { context.workspace.tensor(Shape(1, 1, 1, shape.c), $0) }
            normalize(
                x.tensor(in: context.workspace),
                NormalizationRows(
                    inverse: rows[0].data, shift: rows[1].data, weight: rows[2].data, bias: rows[3].data),
                adding: term?.tensor(in: context.workspace), relu: relu, normalized: keeps ? normalized.tensor : nil,
                into: y.tensor, pool: context.pool)
            return withExtendedLifetime(rows) { (keeps ? normalized.elements : [], y.elements) }
        }
        for term in [nil, term] {
            let run = found(adding: term, keeps: true, makeContext())
            #expect(relativeError(run.normalized, wanted(adding: term).normalized) < 1e-6)
            #expect(relativeError(run.y, wanted(adding: term).y) < 1e-6)
            #expect(isIndependentOfThreads { found(adding: term, keeps: false, $0).y })
        }
    }

    @Test(arguments: shapes) func channelsAreScaled(_ shape: Shape) {
        let (x, factor) = (Volume(shape, formula: "x"), Formula.values("factor", count: shape.c))
        let context = makeContext()
        let y = Guarded(shape, in: context.workspace)
        scaleChannels(x.tensor(in: context.workspace), factor: factor, into: y.tensor, pool: context.pool)
        #expect(relativeError(y.elements, zip(x.values, x.positions).map { $0 * Double(factor[$1.c]) }) < 1e-6)
    }

    @Test(arguments: shapes) func theInputsGradientIsItsFormula(_ shape: Shape) {
        let (dy, normalized) = (Volume(shape, formula: "dy"), Volume(shape, formula: "normalized"))
        let rows = ["factor", "mean", "product"].map { Formula.values($0, count: shape.c) }
        let context = makeContext()
        let dx = Guarded(shape, in: context.workspace)
        normalizationGradient(
            dy.tensor(in: context.workspace), normalized: normalized.tensor(in: context.workspace), factor: rows[0],
            meanGradient: rows[1], meanProduct: rows[2], into: dx.tensor, pool: context.pool)
        let wanted = dy.positions.enumerated().map { index, place in
            let (factor, mean, product) = (Double(rows[0][place.c]), Double(rows[1][place.c]), Double(rows[2][place.c]))
            return factor * (dy.values[index] - mean - normalized.values[index] * product)
        }
        #expect(relativeError(dx.elements, wanted) < 1e-6)
    }

    private func sums(_ x: Volume, _ normalized: Volume?, _ context: StepContext) -> [Double] {
        let (workspace, pool) = (context.workspace, context.pool)
        let sums = workspace.buffer(of: Double.self, count: 2 * x.shape.c)
        if let normalized {
            channelGradientSums(
                x.tensor(in: workspace), normalized: normalized.tensor(in: workspace), into: sums.data,
                workspace: workspace, pool: pool)
        } else {
            channelMoments(x.tensor(in: workspace), into: sums.data, workspace: workspace, pool: pool)
        }
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
