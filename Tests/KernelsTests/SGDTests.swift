import Kernels
import TensorCore
import TestSupport
import Testing

@Suite struct SGDTests {
    /// torch.optim.SGD([1.0, -2.0], lr=0.1, momentum=0.9, weight_decay=0.01) with gradients (0.5, 1), then (-1, 0.25).
    @Test func twoStepsByHand() {
        let context = makeContext()
        let weight = context.workspace.tensor(Shape(1, 1, 1, 2), [1, -2])
        let velocity = context.workspace.zeros(Shape(1, 1, 1, 2))
        func step(_ gradient: [Float]) {
            sgdStep(
                weight.floats, gradient, velocity: velocity.floats, count: 2, rate: 0.1, momentum: 0.9, decay: 0.01,
                pool: context.pool)
        }
        step([0.5, 1])
        // v = g + 0.01 w = (0.51, 0.98); w -= 0.1 v.
        #expect(relativeError(velocity.elements, [0.51, 0.98]) < 1e-6)
        #expect(relativeError(weight.elements, [0.949, -2.098]) < 1e-6)
        step([-1, 0.25])
        // g = (-1 + 0.00949, 0.25 - 0.02098); v = 0.9 v + g = (-0.53151, 1.11102).
        #expect(relativeError(velocity.elements, [-0.53151, 1.11102]) < 1e-6)
        #expect(relativeError(weight.elements, [1.002151, -2.209102]) < 1e-6)
    }

    @Test func theBitsDoNotDependOnTheThreads() {
        let count = 200_003
        let (start, gradient) = (Formula.values("w", count: count), Formula.values("g", count: count))
        #expect(
            isIndependentOfThreads { context in
                let weight = context.workspace.tensor(Shape(1, 1, 1, count), start)
                let velocity = context.workspace.tensor(Shape(1, 1, 1, count), gradient)
                sgdStep(
                    weight.floats, gradient, velocity: velocity.floats, count: count, rate: 0.01, momentum: 0.9,
                    decay: 5e-4,
                    pool: context.pool)
                return weight.elements + velocity.elements
            })
    }
}
