package import TensorCore

/// The index of the largest of `count` values, at least one; the first of equals.
package func argmax(_ values: UnsafePointer<Float>, count: Int) -> Int {
    var best = 0
    for index in 1..<count where values[index] > values[best] { best = index }
    return best
}

/// The channel of the largest value of every pixel of `N x H x W x C`, in their order; the first of equals.
package func argmaxOverChannels(_ x: Tensor) -> [Int] {
    let (values, channels) = (x.floats, x.shape.c)
    return (0..<x.shape.pixels).map { argmax(values + $0 * channels, count: channels) }
}
