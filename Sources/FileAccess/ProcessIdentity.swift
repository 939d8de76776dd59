import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A process, told from all others, on other machines and from those that had its number before.
package struct ProcessIdentity: Codable, Hashable, Sendable {
    /// What its host calls itself; for people.
    package let host: String
    package let number: Int32
    /// Boot and process namespace of its host: where these are equal, `number` means the same.
    let realm: String
    /// When it began, in the system's own count since boot; empty where the system does not say.
    let start: String

    /// This process.
    package static let own = ProcessIdentity(number: getpid())

    private init(number: Int32) {
        (host, self.number) = (hostName, number)
        (realm, start) = (currentRealm, startTime(of: number))
    }

    /// Whether the process has ended; `nil` where that cannot be told from here.
    package var hasEnded: Bool? {
        realm == ProcessIdentity.own.realm ? hasProcessEnded(number, begunAt: start) : nil
    }

    /// A short form for the names of files: `3f1c09aa-1234-567890`.
    package var tag: String { "\(hashed(realm))-\(number)-\(start)" }

    /// Whether the process whose `tag` this is has ended; `nil` where that cannot be told from here.
    static func hasEnded(tag: some StringProtocol) -> Bool? {
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[0] == hashed(own.realm), let number = Int32(parts[1]) else { return nil }
        return hasProcessEnded(number, begunAt: String(parts[2]))
    }
}

private func hasProcessEnded(_ number: Int32, begunAt start: String) -> Bool {
    if kill(number, 0) != 0 && errno == ESRCH { return true }
    let present = startTime(of: number)
    return !start.isEmpty && start != present
}

/// What this host calls itself.
package let hostName: String = {
    var name = [CChar](repeating: 0, count: 256)
    guard gethostname(&name, name.count - 1) == 0 else { return "this host" }
    return String(decoding: name.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}()

private let currentRealm: String = {
    let boot = (try? String(contentsOfFile: "/proc/sys/kernel/random/boot_id", encoding: .utf8)) ?? ""
    let namespace = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/ns/pid")) ?? ""
    let name = boot.trimmingCharacters(in: .whitespacesAndNewlines) + namespace
    return name.isEmpty ? hostName : name
}()

/// Field 22 of `/proc/N/stat`, counted after the program's name, which may hold anything; none of a process that has
/// ended and waits for its parent to hear of it.
private func startTime(of number: Int32) -> String {
    guard let text = try? String(contentsOfFile: "/proc/\(number)/stat", encoding: .utf8),
        let end = text.lastIndex(of: ")")
    else { return "" }
    let fields = text[end...].split(separator: " ")
    return fields.count > 20 && fields[1] != "Z" && fields[1] != "X" ? String(fields[20]) : ""
}

/// Eight hexadecimal digits of a text (FNV-1a).
private func hashed(_ text: String) -> String {
    let hash = text.utf8.reduce(UInt32(2_166_136_261)) { ($0 ^ UInt32($1)) &* 16_777_619 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
}
