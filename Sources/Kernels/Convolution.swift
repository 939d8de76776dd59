package import TensorCore

/// What a convolution does to its result while it is still in cache.
package struct ConvolutionEpilogue {
    /// One value an output channel, added first.
    package var bias: UnsafePointer<Float>?
    /// Whether negative results become 0.
    package var relu: Bool
    /// Whether the result is added to what is there, and nothing else is done to it.
    fileprivate(set) var accumulates = false

    package init(bias: UnsafePointer<Float>? = nil, relu: Bool = false) {
        (self.bias, self.relu) = (bias, relu)
    }

    /// That of an input's gradient.
    static func gradient(accumulate: Bool) -> ConvolutionEpilogue {
        var epilogue = ConvolutionEpilogue()
        epilogue.accumulates = accumulate
        return epilogue
    }

    /// Sets one pixel's `count` channels; `x` and `y` may be the same.
    @inline(__always) func apply(_ x: UnsafePointer<Float>, to y: UnsafeMutablePointer<Float>, count: Int) {
        switch (bias, relu) {
        case (nil, false):
            if accumulates { add(x, to: y, count: count) } else if x != y { y.update(from: x, count: count) }
        case (nil, true): for c in 0..<count { y[c] = max(x[c], 0) }
        case (let bias?, false): for c in 0..<count { y[c] = x[c] + bias[c] }
        case (let bias?, true): for c in 0..<count { y[c] = max(x[c] + bias[c], 0) }
        }
    }
}

/// Where the gradients of a convolution go; what is `nil` is not computed.
package struct ConvolutionGradients {
    /// Overwritten, or added to.
    package var input: Tensor?
    package var addsToInput: Bool
    /// Added to, summed over the pixels of the batch in a fixed order.
    package var weight: UnsafeMutablePointer<Float>?
    /// Added to, likewise.
    package var bias: UnsafeMutablePointer<Float>?

    package init(
        input: Tensor? = nil, addsToInput: Bool = false, weight: UnsafeMutablePointer<Float>? = nil,
        bias: UnsafeMutablePointer<Float>? = nil
    ) {
        (self.input, self.addsToInput, self.weight, self.bias) = (input, addsToInput, weight, bias)
    }
}
