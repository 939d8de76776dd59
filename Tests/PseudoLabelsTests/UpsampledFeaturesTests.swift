import PseudoLabels
import TensorCore
import TestSupport
import Testing

@Suite("Features resized to the image, never formed")
struct UpsampledFeaturesTests {
    static let sizes = [
        (1, 1, 1, 1), (1, 1, 9, 5), (1, 4, 7, 9), (3, 1, 11, 3), (3, 5, 3, 5), (6, 7, 41, 50), (5, 4, 9, 2),
    ]

    /// F^ really formed, and the features behind it.
    private func make(
        _ size: (h: Int, w: Int, height: Int, width: Int), _ context: StepContext
    ) -> (wanted: Volume, found: UpsampledFeatures) {
        let features = Volume(Shape(1, size.h, size.w, 13), formula: "features", offset: 0.3)
        let found = UpsampledFeatures(
            features.tensor(in: context.workspace), height: size.height, width: size.width,
            workspace: context.workspace, pool: context.pool)
        return (NaiveResize.bilinear(features, height: size.height, width: size.width), found)
    }

    private func vectors(_ x: Volume) -> [[Double]] {
        (0..<x.shape.pixels).map { Array(x.values[$0 * x.shape.c..<($0 + 1) * x.shape.c]) }
    }

    @Test("have the norms and products of the features formed", arguments: sizes)
    func products(h: Int, w: Int, height: Int, width: Int) {
        let context = makeContext(.inference)
        let (wanted, found) = make((h, w, height, width), context)
        let norms = vectors(wanted).map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        #expect(relativeError(found.norms.elements, norms) < 1e-5)

        let others = (0..<3).map { Volume(Shape(1, 1, 1, 13), formula: "vector \($0)").values }
        let tensor = context.workspace.tensor(Shape(1, 1, 3, 13), others.flatMap { $0.map { Float($0) } })
        let products = vectors(wanted).flatMap { f in others.map { zip(f, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
        #expect(relativeError(found.products(with: tensor.floats, count: 3).elements, products) < 1e-5)

        let lengths = others.map { $0.reduce(0) { $0 + $1 * $1 }.squareRoot() }
        let cosines = products.indices.map { max(products[$0] / (norms[$0 / 3] * lengths[$0 % 3]), 0) }
        #expect(relativeError(found.positiveCosines(with: tensor.floats, count: 3).elements, cosines) < 1e-5)
    }

    @Test("have the means of the features formed", arguments: sizes)
    func means(h: Int, w: Int, height: Int, width: Int) {
        let context = makeContext(.inference)
        let (wanted, found) = make((h, w, height, width), context)
        let isInside = Formula.uniform("region", count: height * width).map { $0 < 0.6 }
        let region = zip(vectors(wanted), isInside).filter(\.1).map(\.0)
        let mean = context.workspace.tensor(Shape(1, 1, 1, 13))
        #expect(found.mean(into: mean.floats) { isInside[$0] } == region.count)
        let sums = region.reduce([Double](repeating: 0, count: 13)) { zip($0, $1).map { $0 + $1 } }
        #expect(relativeError(mean.elements, sums.map { $0 / Double(max(1, region.count)) }) < 1e-5)
    }
}
