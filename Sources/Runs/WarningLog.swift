package import FileAccess
package import Logging

/// Logs each kind of warning about images once.
package struct WarningLog {
    private let logger: Logger
    private var logged: Set<String> = []

    package init(_ logger: Logger) { self.logger = logger }

    /// Logs those of the warnings whose problem was not logged yet.
    package mutating func log(_ warnings: [Diagnostic]) {
        for warning in warnings where logged.insert(warning.finding.problem).inserted {
            logger.notice("\(warning) (said once)")
        }
    }
}
