import Communication
package import Configuration
import Kernels
import Logging
package import TensorCore

extension Precision {
    /// How layers store activations; what `auto` means for this process alone.
    package var elementType: Tensor.ElementType {
        switch self {
        case .float32: .float32
        case .bfloat16: .bfloat16
        case .auto: Instructions.haveTiles ? .bfloat16 : .float32
        }
    }
}

extension RunConfiguration {
    /// The settings with what this process alone takes for `auto`.
    func resolvedHere() -> RunConfiguration {
        var settings = self
        settings.model.precision = model.precision.elementType == .bfloat16 ? .bfloat16 : .float32
        return settings
    }
}

extension Session {
    /// The settings with one precision for all ranks in place of `auto`. All ranks must ask.
    package func resolved(_ settings: RunConfiguration) throws -> RunConfiguration {
        if settings.model.precision != .float32 && Instructions.areTilesRefused {
            logger.notice("the system refuses the tiles of AMX: products are \(Instructions.chosen)'s")
        }
        guard settings.model.precision == .auto else { return settings }
        let withoutTiles = try communicator.allReduce([Instructions.haveTiles ? 0 : 1])[0]
        var settings = settings
        settings.model.precision = withoutTiles == 0 ? .bfloat16 : .float32
        return settings
    }

    /// The context of looking at an image with a network of these settings.
    package func inferenceContext(_ model: ModelSettings) -> StepContext {
        var context = StepContext(mode: .inference, workspace: workspace, pool: pool)
        context.precision = model.precision.elementType
        return context
    }
}
