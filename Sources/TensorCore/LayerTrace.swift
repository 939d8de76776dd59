/// Something a layer has computed, reported as soon as it is computed: for anomaly detection, and for profiles of time.
package struct LayerTrace {
    /// Which way the layer was passed.
    package enum Pass: String, Sendable { case forward, backward }

    /// The layer's name, as that of its tensors.
    package let layer: String
    /// What kind of layer it is: `Convolution`.
    package let kind: String
    package let pass: Pass
    /// What of the layer: its output, the gradient of its input, or of a tensor.
    package let name: String
    /// The extents of `values`.
    package let shape: [Int]
    private let tensor: Tensor

    /// A copy of the numbers.
    package var values: [Float] { tensor.elements }

    /// - Parameter kind: `nil`: the layer's name.
    package init(layer: String, kind: String? = nil, _ pass: Pass, _ name: String, _ tensor: Tensor) {
        (self.layer, self.kind, self.pass, self.name) = (layer, kind ?? layer, pass, name)
        shape = [tensor.shape.n, tensor.shape.h, tensor.shape.w, tensor.shape.c]
        self.tensor = tensor
    }

    /// A learned tensor's gradient, in the order of memory.
    package init(layer: String, kind: String? = nil, gradientOf parameter: Parameter) {
        (self.layer, self.kind, pass) = (layer, kind ?? layer, .backward)
        (name, shape) = ("gradient of \(parameter.name)", [parameter.count])
        tensor = .borrowing(parameter.gradient, Shape(1, 1, 1, parameter.count))
    }

    /// A learned tensor's value, in the order of memory.
    package init(valueOf parameter: Parameter) {
        (layer, kind, pass) = (parameter.name, "Parameter", .forward)
        (name, shape) = ("value", [parameter.count])
        tensor = .borrowing(UnsafeMutablePointer(mutating: parameter.value), Shape(1, 1, 1, parameter.count))
    }
}
