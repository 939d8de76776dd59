import Foundation

/// What a container or a batch system lets this process use: Linux' control groups, of version 1 or 2.
///
/// A limit of any group above the process' own holds too.
package struct ControlGroups {
    /// Processors' worth of time; `nil`: no limit.
    package let cores: Double?
    /// Bytes that all of a group may have, the least of the groups; `nil`: no limit.
    package let memory: Int?
    /// Bytes that are left of it; what is kept of files can be let go of, and counts as left.
    package let memoryLeft: Int?

    /// Reads the limits.
    ///
    /// - Parameters:
    ///   - root: where the groups are mounted.
    ///   - membership: the file that says which are the process' own.
    package init(root: String = "/sys/fs/cgroup", membership: String = "/proc/self/cgroup") {
        let groups = ControlGroups.folders(root, text(membership) ?? "")
        cores = groups.compactMap(cpuLimit).min()
        let memories = groups.compactMap(memoryLimit)
        memory = memories.map(\.limit).min()
        memoryLeft = memories.map(\.left).min()
    }

    /// The folders of the groups of this process and of those above; lines are `NUMBER:CONTROLLERS:PATH`.
    private static func folders(_ root: String, _ membership: String) -> [String] {
        membership.split(separator: "\n").flatMap { line -> [String] in
            let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
            guard parts.count == 3 else { return [] }
            // In a container the path may be one of the host's, which is not there: the root is the container's own.
            var path = String(parts[2])
            var folders: [String] = []
            let mount = parts[1].isEmpty ? root : "\(root)/\(parts[1])"
            while path.count > 1 {
                folders.append(mount + path)
                path = String(path[..<(path.lastIndex(of: "/") ?? path.startIndex)])
            }
            return folders + [mount]
        }
    }
}

private func text(_ path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

private func number(_ path: String) -> Int? {
    text(path).flatMap { Int($0.trimmingCharacters(in: .whitespacesAndNewlines)) }
}

private func cpuLimit(_ folder: String) -> Double? {
    // Version 2: `QUOTA PERIOD` or `max PERIOD`; version 1: a file for each, -1 for none.
    let both = text("\(folder)/cpu.max")?.split(whereSeparator: \.isWhitespace).map { Int($0) } ?? []
    let quota = both.first ?? number("\(folder)/cpu.cfs_quota_us")
    let period = both.last ?? number("\(folder)/cpu.cfs_period_us")
    guard let quota, let period, quota > 0, period > 0 else { return nil }
    return Double(quota) / Double(period)
}

private func memoryLimit(_ folder: String) -> (limit: Int, left: Int)? {
    let names = [
        ("memory.max", "memory.current", "inactive_file"),
        ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
    ]
    for (limit, used, files) in names {
        guard let limit = number("\(folder)/\(limit)"), let used = number("\(folder)/\(used)"), limit < 1 << 60 else {
            continue
        }
        let line = text("\(folder)/memory.stat")?.split(separator: "\n").first { $0.hasPrefix(files + " ") }
        let kept = line?.split(separator: " ").last.flatMap { Int($0) } ?? 0
        return (limit, max(0, limit - used + min(kept, used)))
    }
    return nil
}
