package import Kernels
package import TensorCore

/// The maximum of each window and channel: `N x H x W x C` to `N x H' x W' x C`.
package struct MaxPool: Layer {
    package let geometry: PoolingGeometry

    package init(_ geometry: PoolingGeometry) { self.geometry = geometry }

    package func outputShape(_ input: Shape) -> Shape { pooledShape(input, geometry) }

    /// The result, and a byte for each of its elements.
    package func savedFloats(_ input: Shape, _ type: Tensor.ElementType) -> Int {
        let output = outputShape(input)
        return output.floats(type) + output.count / MemoryLayout<Float>.size
    }

    /// Which tap won in each window.
    package struct Saved {
        let taps: Buffer<UInt8>
        let input: Shape
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        let y = context.workspace.tensor(outputShape(x.shape), x.type)
        let taps = context.saves ? context.workspace.buffer(of: UInt8.self, count: y.count) : nil
        maxPool(x, geometry: geometry, into: y, taps: taps?.data, pool: context.pool)
        return (y, taps.map { Saved(taps: $0, input: x.shape) })
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        precondition(dy.shape == outputShape(saved.input), "gradient \(dy.shape) of an input \(saved.input)")
        guard needsInputGradient else { return nil }
        let dx = context.workspace.tensor(saved.input, dy.type)
        maxPoolGradient(dy, taps: saved.taps.data, geometry: geometry, into: dx, pool: context.pool)
        return dx
    }
}

/// The mean of each window and channel, padding counted as zeros: `N x H x W x C` to `N x H' x W' x C`.
package struct AveragePool: Layer {
    package let geometry: PoolingGeometry

    package init(_ geometry: PoolingGeometry) { self.geometry = geometry }

    package func outputShape(_ input: Shape) -> Shape { pooledShape(input, geometry) }

    /// The shape of the input.
    package typealias Saved = Shape

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Shape?) {
        let y = context.workspace.tensor(outputShape(x.shape), x.type)
        averagePool(x, geometry: geometry, into: y, pool: context.pool)
        return (y, context.saves ? x.shape : nil)
    }

    package func backward(_ dy: Tensor, _ saved: Shape, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        precondition(dy.shape == outputShape(saved), "gradient \(dy.shape) of an input \(saved)")
        guard needsInputGradient else { return nil }
        let dx = context.workspace.tensor(saved, dy.type)
        averagePoolGradient(dy, geometry: geometry, into: dx, pool: context.pool)
        return dx
    }
}

private func pooledShape(_ input: Shape, _ geometry: PoolingGeometry) -> Shape {
    precondition(geometry.accepts(input), "\(input) is smaller than a window of \(geometry.kernel)")
    return geometry.outputShape(input)
}
