import CVectors
import Foundation

/// The instructions that convolutions are computed with, decided once.
package enum Instructions {
    /// The set that the environment's `BANA_INSTRUCTIONS` asks for, so that this processor does as one that has no other;
    /// `nil` if it asks for none.
    package static let requested: String? = {
        let name = ProcessInfo.processInfo.environment["BANA_INSTRUCTIONS"] ?? ""
        return name.isEmpty ? nil : name
    }()

    /// The sets there are, the fastest first: `amx` has the products of AVX-512 and tiles of bfloat16 beside them.
    package static let available: [String] =
        (bana_amx_state() == bana_tiles_granted ? ["amx"] : []) + PanelProducts.available.map(\.processor)

    /// The one requested, or the fastest where there is none of that name.
    package static let chosen: String = available.first { $0 == requested } ?? available[0]

    /// Whether the processor has tiles that the system or the virtual machine does not let it use.
    package static let areTilesRefused = bana_amx_state() == bana_tiles_refused

    /// Whether bfloat16 is multiplied in tiles.
    package static let haveTiles = chosen == "amx"

    /// The set, as records name it: `avx512 (the system refuses the tiles of AMX)`.
    package static var description: String {
        areTilesRefused ? "\(chosen) (the system refuses the tiles of AMX)" : chosen
    }
}
