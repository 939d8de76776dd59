import CSystem
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

// What the machine, a container, a batch system or a shell's limits leave to this process.

/// Cores this process may use: its affinity mask where the system has one, and no more than its group's quota of time.
package func availableCores() -> Int {
    let cores = boundCores()
    guard let quota = ControlGroups().cores else { return cores }
    return max(1, min(cores, Int(min(quota, 1e6).rounded())))
}

/// Cores this process is bound to: its affinity mask where the system has one.
package func boundCores() -> Int { Int(bana_available_cores()) }

/// Bytes of memory this machine has.
package func physicalMemory() -> Int {
    sysconf(Int32(_SC_PHYS_PAGES)) * sysconf(Int32(_SC_PAGESIZE))
}

/// Bytes that processes of this host could still take without swapping or being ended for it; all there are, where the
/// system does not say.
package func availableMemory() -> Int {
    let text = (try? String(contentsOfFile: "/proc/meminfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("MemAvailable:") }
    let kilobytes = line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    let onHost = kilobytes.map { $0 << 10 } ?? physicalMemory()
    return min(onHost, ControlGroups().memoryLeft ?? .max)
}

/// Bytes of addresses this process may still take (`ulimit -v`); `nil`: any number.
package func addressSpaceLeft() -> Int? {
    let limit = bana_address_space_limit()
    guard limit >= 0 else { return nil }
    let pages = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ").first
    let used = (pages.flatMap { Int($0) } ?? 0) * sysconf(Int32(_SC_PAGESIZE))
    return max(0, limit - used)
}
