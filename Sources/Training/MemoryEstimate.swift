import Communication
import Configuration
import FileAccess
import Foundation
package import TensorCore

/// What a training will need of a host's memory, told before it starts instead of hours into it.
package struct MemoryEstimate: Sendable {
    /// Bytes of one rank.
    package let bytes: Int
    /// Bytes the host has left, for each of its ranks.
    package let available: Int

    /// Bytes of the program itself and its libraries, MPI among them: 44 MB were resident before there was a network.
    private static let program = 48 << 20

    /// Three floats, and a mask or two label maps.
    private static let bytesPerPixel = 14

    /// - Parameters:
    ///   - input: the images held at once by a rank, `N x H x W x 3`.
    ///   - slice: a rank's images of a batch, of which the loader has three ready.
    ///   - threads: those of a rank.
    ///   - workspace: bytes of a rank's workspace, which is small where addresses are limited.
    ///   - exchange: bytes of a rank that the sum of gradients over ranks keeps.
    package init(
        _ objective: some Objective, _ input: Shape, slice: Int, threads: Int, ranksOnHost: Int, workspace: Int,
        exchange: Int
    ) {
        let parameters = 3 * objective.arena.count + 2 * objective.arena.statisticCount
        let step = objective.peakFloats(input, threads: threads)
        let pixels = slice * input.image.pixels
        bytes = 4 * (parameters + step) + exchange + 3 * pixels * MemoryEstimate.bytesPerPixel + MemoryEstimate.program
        available = min(availableMemory() / ranksOnHost, workspace)
    }

    /// `1.9 GB of 22.4 GB`.
    package var summary: String { "\(gigabytes(bytes)) of \(gigabytes(available))" }

    /// - Throws: `InputError` when the memory cannot suffice.
    package func check() throws {
        guard bytes > available else { return }
        throw InputError(
            "a step needs about \(gigabytes(bytes)) a rank, and \(gigabytes(available)) are left", at: "solver.batch",
            remedy: "set solver.micro_batch, or lower solver.batch, data.crop or model.width")
    }

    private func gigabytes(_ bytes: Int) -> String { String(format: "%.1f GB", Double(bytes) * 1e-9) }
}
