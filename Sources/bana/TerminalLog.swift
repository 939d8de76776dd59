import FileAccess
import Logging

/// Writes log messages to standard error, a line each: what the user reads, without ornament.
struct TerminalLog: LogHandler {
    var metadata: Logger.Metadata = [:]
    var logLevel: Logger.Level = .info

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let level = event.level >= .warning ? "\(event.level): " : ""
        let rank = metadata["rank"].map { "rank \($0): " } ?? ""
        say("bana: \(rank)\(level)\(event.message)\n")
    }
}
