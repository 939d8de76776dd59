import Layers
import TensorCore
import TestSupport

/// One pass of a layer, forward and back.
struct LayerRun: Equatable {
    let y: [Float]
    let dx: [Float]?
    /// The gradient of each parameter, in the order of weight files.
    let gradients: [[Float]]

    /// Runs `layer` on `x` with the gradient `dy` of its result; parameters' gradients start at 0.
    init<L: Layer>(_ layer: L, _ x: Volume, _ dy: Volume, _ context: StepContext, needsInputGradient: Bool = true) {
        for parameter in layer.parameters { parameter.gradient.update(repeating: 0, count: parameter.count) }
        let (y, saved) = layer.forward(x.tensor(in: context.workspace), context)
        precondition(y.shape == layer.outputShape(x.shape), "\(y.shape) is not what the layer announced")
        self.y = y.elements
        let gradient = dy.tensor(in: context.workspace)
        dx = saved.flatMap { layer.backward(gradient, $0, context, needsInputGradient: needsInputGradient)?.elements }
        gradients = layer.parameters.map { $0.fileOrder($0.gradient) }
    }

    /// Everything, to compare bits.
    var all: [Float] { y + (dx ?? []) + gradients.flatMap { $0 } }
}

/// Whether a second pass adds its gradients of the parameters to the first one's, and overwrites the input's.
func accumulates<L: Layer>(_ layer: L, _ x: Volume, _ dy: Volume) -> Bool {
    let context = makeContext()
    let once = LayerRun(layer, x, dy, context)
    guard let saved = layer.forward(x.tensor(in: context.workspace), context).saved else { return false }
    let dx = layer.backward(dy.tensor(in: context.workspace), saved, context, needsInputGradient: true)
    let halves = layer.parameters.map { $0.fileOrder($0.gradient).map { Double($0) / 2 } }
    return dx?.elements == once.dx && zip(once.gradients, halves).allSatisfy { relativeError($0, $1) < 1e-6 }
}

/// How far a layer's gradients are from measured slopes of sum(dy * y): of the input, then of each parameter.
///
/// `makeStep` must give the same step each time: the same positions, the same running statistics.
func slopeErrors<L: Layer>(
    _ layer: L, _ x: Volume, step: Float = 1e-2, _ makeStep: () -> StepContext = { makeContext() }
) -> [Double] {
    let context = makeStep()
    let dy = Volume(layer.outputShape(x.shape), formula: "slopes/dy")
    let claimed = LayerRun(layer, x, dy, context)
    func loss(_ input: Volume) -> Double {
        let y = layer.forward(input.tensor(in: context.workspace), context.rehearsal).y.elements
        return zip(y, dy.values).reduce(0) { $0 + Double($1.0) * $1.1 }
    }
    let inputError = slopeError((claimed.dx ?? []).map { Double($0) }, at: x.floats, step: step) {
        loss(Volume(x.shape, $0.map { Double($0) }))
    }
    return [inputError]
        + zip(layer.parameters, claimed.gradients).map { parameter, gradient in
            let start = parameter.fileOrder(parameter.value)
            defer { parameter.setValue(fileOrder: start) }
            return slopeError(gradient.map { Double($0) }, at: start, step: step) {
                parameter.setValue(fileOrder: $0)
                return loss(x)
            }
        }
}

extension ParameterArena {
    /// A tensor with values made from its name.
    func formula(
        _ name: String, _ shape: [Int], role: Parameter.Role = .weight, scale: Double = 1, offset: Double = 0
    ) -> Parameter {
        let parameter = declare(name, shape, role: role, start: .constant(0))
        parameter.setValue(fileOrder: Formula.values(name, count: parameter.count, scale: scale, offset: offset))
        return parameter
    }
}

extension Parameter {
    /// The value in the order of weight files.
    var doubles: [Double] { fileOrder(value).map { Double($0) } }
}
