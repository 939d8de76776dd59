/// Something that was found in a user's input, and how much it matters.
package struct Diagnostic: Codable, Equatable, Sendable {
    /// How much a diagnostic matters, from least to most.
    package enum Severity: Int, Codable, Comparable, Sendable {
        /// Worth knowing; nothing need be changed.
        case note
        /// The input is used, but perhaps not as its author meant it.
        case warning
        /// The file or record cannot be used.
        case error

        package static func < (a: Severity, b: Severity) -> Bool { a.rawValue < b.rawValue }
    }

    package var severity: Severity
    /// What was found, in which file and where, and what can be done about it.
    package var finding: InputError

    /// A finding of the given severity.
    package init(_ severity: Severity, _ finding: InputError) {
        (self.severity, self.finding) = (severity, finding)
    }

    /// Throws the finding of an error; the default of everything that takes a closure for diagnostics.
    package func throwIfError() throws {
        if severity == .error { throw finding }
    }
}

extension Diagnostic: CustomStringConvertible {
    /// The finding on one line; those who print it say how severe it is.
    package var description: String { finding.description }
}

extension [Diagnostic] {
    /// The findings that keep the input from being used.
    package var errors: [InputError] { filter { $0.severity == .error }.map(\.finding) }

    /// The result of `body`, or `nil` and one error more.
    @discardableResult
    package mutating func attempt<Result>(_ body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch {
            append(Diagnostic(.error, error as? InputError ?? InputError("\(error)")))
            return nil
        }
    }
}
