package import Datasets
package import TensorCore

/// What a network is trained to do: the way from a batch to its loss and back.
///
/// Losses have two phases, so that many processes and many micro-batches follow the gradient of one global loss:
/// `forward` gives sums that add up over all of them, `backward` needs the global ones.
package protocol Objective: AnyObject {
    /// A forward pass, kept for its backward pass.
    associatedtype Pass

    /// The tensors that are trained.
    var arena: ParameterArena { get }

    /// Whether the loss is one mean: the first two sums are its numerator and its count.
    ///
    /// The gradient of a mean can be gathered before the count is known, and divided in the end. A loss of several means
    /// needs all its global sums before any gradient.
    var isOneMean: Bool { get }

    /// Floats of memory that a step on images `N x H x W x 3` and on `threads` threads needs at once, beside the
    /// parameters, where activations are stored as `type`.
    func peakFloats(_ input: Shape, _ type: Tensor.ElementType, threads: Int) -> Int

    /// Runs images `images` of the batch.
    ///
    /// - Parameter progress: t / t_max.
    func forward(_ batch: Batch, _ images: Range<Int>, progress: Double, _ context: StepContext) -> Pass

    /// The sums a pass contributes.
    func sums(of pass: Pass) -> [Double]

    /// Adds the gradients of the global loss by what the pass has seen.
    func backward(_ pass: consuming Pass, global: [Double], _ context: StepContext)

    /// The loss and its parts; the first is what is minimised.
    func loss(_ global: [Double]) -> [LossPart]
}

/// A number of the loss report: `loss`, or a part of it.
package struct LossPart: Sendable, Equatable {
    package let name: String
    package let value: Double

    package init(_ name: String, _ value: Double) { (self.name, self.value) = (name, value) }
}
