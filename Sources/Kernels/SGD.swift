package import TensorCore

/// One step of stochastic gradient descent with momentum on `count` weights, as torch.optim.SGD:
///
///     g = gradient + decay * weight;  v = momentum * v + g;  weight -= rate * v
///
/// `velocity` starts at zero, so that v = g in the first step.
package func sgdStep(
    _ weight: UnsafeMutablePointer<Float>, _ gradient: UnsafePointer<Float>, velocity: UnsafeMutablePointer<Float>,
    count: Int, rate: Float, momentum: Float, decay: Float, pool: ThreadPool
) {
    pool.parallelFor(count, by: elementsPerChunk) { range, _ in
        for i in range {
            let v = momentum * velocity[i] + (gradient[i] + decay * weight[i])
            velocity[i] = v
            weight[i] -= rate * v
        }
    }
}
