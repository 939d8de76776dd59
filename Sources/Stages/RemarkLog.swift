import FileAccess
import Logging

/// Says each kind of remark about images once.
struct RemarkLog {
    private let logger: Logger
    private var said: Set<String> = []

    init(_ logger: Logger) { self.logger = logger }

    /// Logs those of the remarks whose like was not said yet.
    mutating func say(_ remarks: [InputError]) {
        for remark in remarks where said.insert(remark.problem).inserted {
            logger.notice("\(remark) (said once)")
        }
    }
}
