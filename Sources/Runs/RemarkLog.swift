package import FileAccess
package import Logging

/// Says each kind of remark about images once.
package struct RemarkLog {
    private let logger: Logger
    private var said: Set<String> = []

    package init(_ logger: Logger) { self.logger = logger }

    /// Logs those of the remarks whose like was not said yet.
    package mutating func say(_ remarks: [InputError]) {
        for remark in remarks where said.insert(remark.problem).inserted {
            logger.notice("\(remark) (said once)")
        }
    }
}
