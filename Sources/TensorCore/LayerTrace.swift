/// Something a layer has computed, for anomaly detection.
package struct LayerTrace {
    /// Which way the layer was passed.
    package enum Pass: String, Sendable { case forward, backward }

    /// The layer's name, as that of its tensors.
    package let layer: String
    package let pass: Pass
    /// What of the layer: its output, the gradient of its input, or of a tensor.
    package let name: String
    /// The extents of `values`.
    package let shape: [Int]
    package let values: UnsafeBufferPointer<Float>

    package init(layer: String, _ pass: Pass, _ name: String, _ tensor: Tensor) {
        (self.layer, self.pass, self.name) = (layer, pass, name)
        shape = [tensor.shape.n, tensor.shape.h, tensor.shape.w, tensor.shape.c]
        values = UnsafeBufferPointer(start: tensor.floats, count: tensor.count)
    }

    /// A learned tensor's gradient, in the order of memory.
    package init(layer: String, gradientOf parameter: Parameter) {
        (self.layer, pass, name, shape) = (layer, .backward, "gradient of \(parameter.name)", [parameter.count])
        values = UnsafeBufferPointer(start: parameter.gradient, count: parameter.count)
    }

    /// A learned tensor's value, in the order of memory.
    package init(valueOf parameter: Parameter) {
        (layer, pass, name, shape) = (parameter.name, .forward, "value", [parameter.count])
        values = UnsafeBufferPointer(start: parameter.value, count: parameter.count)
    }
}
