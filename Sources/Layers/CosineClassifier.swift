import Kernels
package import TensorCore

/// Scores each feature vector by its cosine with one prototype a class (paper section 3.3): `N x H x W x D` to
/// `N x H x W x classes`.
///
///     z_c = (f / max(|f|, 1e-12)) . (W_c / max(|W_c|, 1e-12))
package struct CosineClassifier: Layer {
    /// The prototypes, `[classes, D, 1, 1]`.
    package let weight: Parameter

    package init(weight: Parameter) {
        precondition(weight.fileShape.count == 4 && weight.fileShape[2...] == [1, 1], "\(weight.fileShape) prototypes")
        self.weight = weight
    }

    private var classes: Int { weight.fileShape[0] }
    private var channels: Int { weight.fileShape[1] }

    package var parameters: [Parameter] { [weight] }

    package func outputShape(_ input: Shape) -> Shape { input.with(channels: classes) }

    package struct Saved {
        let features: Unit
        let prototypes: Unit
    }

    /// Rows of length 1, and the lengths they had.
    struct Unit {
        let rows: Tensor
        let norms: Tensor
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        precondition(x.shape.c == channels, "prototypes of \(channels) channels, features \(x.shape)")
        let features = unit(x.floats, x.shape, context)
        let prototypes = unit(weight.value, Shape(1, 1, classes, channels), context)
        let y = context.workspace.tensor(outputShape(x.shape))
        multiply(
            Matrix(features.rows.floats, stride: channels),
            Matrix(prototypes.rows.floats, stride: channels, .transposed),
            into: Matrix(y.floats, stride: classes), rows: x.shape.pixels, columns: classes, inner: channels,
            on: context.pool)
        return (y, context.saves ? Saved(features: features, prototypes: prototypes) : nil)
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        precondition(dy.shape == outputShape(saved.features.rows.shape), "\(weight.name) got a gradient \(dy.shape)")
        if weight.isTrainable { prototypeGradient(dy, saved, context) }
        guard needsInputGradient else { return nil }
        let features = saved.features
        let dx = context.workspace.tensor(features.rows.shape)
        multiply(
            Matrix(dy.floats, stride: classes), Matrix(saved.prototypes.rows.floats, stride: channels),
            into: Matrix(dx.floats, stride: channels), rows: dy.shape.pixels, columns: channels, inner: classes,
            on: context.pool)
        normalizeRowsGradient(
            dx.floats, normalized: features.rows.floats, norms: features.norms.floats, rows: dy.shape.pixels,
            channels: channels, pool: context.pool)
        return dx
    }

    private func prototypeGradient(_ dy: Tensor, _ saved: Saved, _ context: StepContext) {
        let gradient = context.workspace.tensor(saved.prototypes.rows.shape)
        multiply(
            Matrix(dy.floats, stride: classes, .transposed), Matrix(saved.features.rows.floats, stride: channels),
            into: Matrix(gradient.floats, stride: channels), rows: classes, columns: channels, inner: dy.shape.pixels,
            on: context.pool)
        normalizeRowsGradient(
            gradient.floats, normalized: saved.prototypes.rows.floats, norms: saved.prototypes.norms.floats,
            rows: classes,
            channels: channels, pool: context.pool)
        add(gradient.floats, to: weight.gradient, count: gradient.count)
    }

    private func unit(_ data: UnsafePointer<Float>, _ shape: Shape, _ context: StepContext) -> Unit {
        let rows = context.workspace.tensor(shape)
        let norms = context.workspace.tensor(shape.with(channels: 1))
        normalizeRows(
            data, rows: shape.pixels, channels: channels, into: rows.floats, norms: norms.floats, pool: context.pool)
        return Unit(rows: rows, norms: norms)
    }
}
