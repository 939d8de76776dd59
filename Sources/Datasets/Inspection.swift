package import FileAccess

/// What reading all of an image and its annotations brought to light.
package struct Inspection: Codable, Sendable {
    /// What keeps the image from being used; empty if nothing does.
    package var problems: [InputError] = []
    /// What a user may want to know, but need not change.
    package var remarks: [InputError] = []

    /// An inspection that found nothing.
    package init() {}

    /// The result of `body`, or `nil` and one problem more.
    @discardableResult
    package mutating func attempt<Result>(_ body: () throws -> Result) -> Result? {
        do {
            return try body()
        } catch {
            problems.append(error as? InputError ?? InputError("\(error)"))
            return nil
        }
    }
}
