import Kernels
import TensorCore

/// What a convolution has worked out so far: a plan for each shape it met and, in inference, its filters as the plans
/// read them.
///
/// Filters are kept while the weights' version stays the same; a training step, which will change it, lets go of them.
final class ConvolutionPlans {
    private let geometry: ConvolutionGeometry
    private var plans: [Input: ConvolutionPlan] = [:]
    private var kept: (filters: PreparedFilters, version: Int, type: Tensor.ElementType)?

    init(_ geometry: ConvolutionGeometry) { self.geometry = geometry }

    private struct Input: Hashable {
        let shape: Shape
        let type: Tensor.ElementType
    }

    /// The plan for inputs of a shape, stored in such elements.
    subscript(shape: Shape, type: Tensor.ElementType) -> ConvolutionPlan {
        let input = Input(shape: shape, type: type)
        if let plan = plans[input] { return plan }
        // Photos have many shapes, and a plan is made in no time.
        if plans.count == ConvolutionPlans.most { plans.removeAll() }
        let plan = ConvolutionPlan(geometry, shape, type)
        plans[input] = plan
        return plan
    }

    /// The filters for a forward pass over such elements.
    func filters(_ weight: Parameter, _ type: Tensor.ElementType, _ context: StepContext) -> ConvolutionFilters {
        guard context.mode == .inference else {
            kept = nil
            return ConvolutionFilters(weight.value)
        }
        if let kept, (kept.version, kept.type) == (weight.version, type) {
            return ConvolutionFilters(weight.value, keptIn: kept.filters)
        }
        let filters = PreparedFilters()
        kept = (filters, weight.version, type)
        return ConvolutionFilters(weight.value, keptIn: filters)
    }

    private static let most = 64
}
