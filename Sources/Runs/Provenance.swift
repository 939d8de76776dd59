import Communication
import Foundation
import Kernels
import TensorCore

/// The program's version.
package let version = "0.1.0"

/// What the system calls its processor.
func processorName() -> String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    let name = line?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
    return name ?? "unknown processor"
}

/// `1 rank`, `2 ranks`.
package func counted(_ count: Int, _ noun: String) -> String { count == 1 ? "1 \(noun)" : "\(count) \(noun)s" }

extension Session {
    /// Lines on program, ranks and machine, to be kept with what they made.
    package var provenance: [String] {
        let ranks = counted(communicator.size, "rank") + " of " + counted(pool.threadCount, "thread")
        let line = "bana \(version), \(ranks), \(processorName()) with \(Instructions.description)"
        return [isReproducible ? line + ", reproducible" : line]
    }
}
