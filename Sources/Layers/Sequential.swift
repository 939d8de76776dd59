import Kernels
package import TensorCore

/// Layers in a row: the shape of the first one's input to that of the last one's result.
///
/// Below the lowest trainable layer nothing is saved and no gradient is computed, unless gradients pass on to what
/// lies below.
package struct Sequential: Layer {
    package let layers: [any Layer]
    /// Whether backward may be asked for the gradient of the input though the lowest layers do not learn.
    private let passesGradient: Bool

    /// The layers in forward order.
    package init(_ layers: [any Layer], passesGradient: Bool = false) {
        (self.layers, self.passesGradient) = (layers, passesGradient)
    }

    package var parameters: [Parameter] { layers.flatMap(\.parameters) }

    package func outputShape(_ input: Shape) -> Shape {
        layers.reduce(input) { $1.outputShape($0) }
    }

    package func savedFloats(_ input: Shape, _ type: Tensor.ElementType) -> Int {
        walk(input).reduce(0) { $0 + $1.layer.savedFloats($1.input, type) }
    }

    /// What lies between the layers, and what they need in passing, less what the layers above have given back by then.
    package func scratchFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int {
        let steps = walk(input)
        var (released, most) = (0, 0)
        for (index, step) in steps.enumerated().reversed() {
            let result = index < steps.count - 1 ? step.output.floats(type) : 0
            let source = index > 0 ? step.input.floats(type) : 0
            let scratch = step.layer.scratchFloats(step.input, type, threads: threads)
            most = max(most, result + source + scratch - released)
            // Frozen layers keep nothing.
            if isTrainable { released += step.layer.savedFloats(step.input, type) }
        }
        return most
    }

    /// Floats a training step on `threads` threads needs at most at once, beside the input.
    ///
    /// Below the lowest trainable layer, that is a layer's input and result and what it needs in passing. Above it, layers
    /// keep more and more on the way up; on the way down the gradients of a layer's result and input, and what it needs in
    /// passing, join what it and those below still keep.
    ///
    /// - Parameters:
    ///   - head: floats that whatever follows these layers holds meanwhile.
    ///   - headScratch: floats it needs in passing.
    package func peakFloats(
        _ input: Shape, _ type: Tensor.ElementType, head: Int, headScratch: Int = 0, threads: Int
    ) -> Int {
        let steps = walk(input).map { layer, input, output in
            let scratch = layer.scratchFloats(input, type, threads: threads)
            let passing = input.floats(type) + output.floats(type) + scratch
            return (input: input.floats(type), saved: layer.savedFloats(input, type), passing: passing)
        }
        let trainable = steps[firstTrainable...]
        var kept = head + (firstTrainable > 0 ? trainable.first?.input ?? 0 : 0)
        var peak = steps[..<firstTrainable].map(\.passing).max() ?? 0
        for step in trainable {
            kept += step.saved
            peak = max(peak, kept + step.passing)
        }
        return max(peak, kept + headScratch)
    }

    /// The layers with the shapes that reach and leave them.
    private func walk(_ input: Shape) -> [(layer: any Layer, input: Shape, output: Shape)] {
        var shape = input
        return layers.map { layer in
            let output = layer.outputShape(shape)
            defer { shape = output }
            return (layer, shape, output)
        }
    }

    /// What each layer from the lowest trainable one on has saved; emptied by backward as it goes down, so that memory
    /// comes back as early as possible.
    package final class Saved {
        fileprivate var stack: [Any] = []
    }

    package func forward(_ x: Tensor, _ context: StepContext) -> (y: Tensor, saved: Saved?) {
        let lowest = context.saves ? firstTrainable : layers.count
        let saved = Saved()
        var y = x
        for layer in layers[..<lowest] {
            y = layer.forward(y, context.withoutSaving).y
            trace(layer, y, context)
        }
        for layer in layers[lowest...] {
            let step = layer.forward(y, context)
            y = step.y
            trace(layer, y, context)
            if let kept = step.saved { saved.stack.append(kept) }
        }
        return (y, context.saves ? saved : nil)
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool) -> Tensor? {
        backward(dy, saved, context, needsInputGradient: needsInputGradient, sum: nil)
    }

    package func backward(_ dy: Tensor, _ saved: Saved, _ context: StepContext, addingTo sum: Tensor) {
        guard !layers.isEmpty else { return addTensor(dy, to: sum, pool: context.pool) }
        _ = backward(dy, saved, context, needsInputGradient: true, sum: sum)
    }

    /// The lowest layer adds its input's gradient to `sum`, if there is one; a trace shows the sum.
    private func backward(
        _ dy: Tensor, _ saved: Saved, _ context: StepContext, needsInputGradient: Bool, sum: Tensor?
    ) -> Tensor? {
        let lowest = firstTrainable
        precondition(saved.stack.count == layers.count - lowest, "\(saved.stack.count) of \(layers.count) layers saved")
        precondition(!needsInputGradient || lowest == 0, "the gradient of an input below frozen layers")
        var gradient: Tensor? = dy
        for (index, layer) in layers.enumerated().reversed() {
            guard let arriving = gradient, let kept = saved.stack.popLast() else { break }
            if let sum, index == lowest {
                layer.backwardErased(arriving, kept, context, addingTo: sum)
                gradient = sum
            } else {
                gradient = layer.backwardErased(
                    arriving, kept, context, needsInputGradient: needsInputGradient || index > lowest)
            }
            trace(layer, gradient: gradient, context)
            if layer.isTrainable { context.gradientReady?(layer.parameters) }
        }
        return needsInputGradient ? gradient : nil
    }

    private func trace(_ layer: any Layer, _ y: Tensor, _ context: StepContext) {
        context.trace?(LayerTrace(layer: layer.name, kind: layer.kind, .forward, "output", y))
    }

    private func trace(_ layer: any Layer, gradient: Tensor?, _ context: StepContext) {
        guard let trace = context.trace else { return }
        let (name, kind) = (layer.name, layer.kind)
        if let gradient { trace(LayerTrace(layer: name, kind: kind, .backward, "gradient of the input", gradient)) }
        for parameter in layer.parameters where parameter.isTrainable {
            trace(LayerTrace(layer: name, kind: kind, gradientOf: parameter))
        }
    }

    private var firstTrainable: Int { passesGradient ? 0 : layers.firstIndex(where: \.isTrainable) ?? layers.count }
}

extension Layer {
    fileprivate var kind: String { "\(Self.self)" }

    /// That of its first tensor, without the last part; the type's where it has none.
    fileprivate var name: String {
        guard let tensor = parameters.first else { return "\(Self.self)" }
        return tensor.name.split(separator: ".").dropLast().joined(separator: ".")
    }

    /// `backward` for a layer whose type is not known at the call: `saved` came from its own forward.
    fileprivate func backwardErased(
        _ dy: Tensor, _ saved: Any, _ context: StepContext, needsInputGradient: Bool
    ) -> Tensor? {
        backward(dy, own(saved), context, needsInputGradient: needsInputGradient)
    }

    fileprivate func backwardErased(_ dy: Tensor, _ saved: Any, _ context: StepContext, addingTo sum: Tensor) {
        backward(dy, own(saved), context, addingTo: sum)
    }

    private func own(_ saved: Any) -> Saved {
        guard let saved = saved as? Saved else { preconditionFailure("\(Self.self) got \(type(of: saved))") }
        return saved
    }
}
