import FileAccess

/// What is wrong with a file or an image that was given, in one line: which file, where in it, what, and what to do.
public struct BanaError: Error, CustomStringConvertible, Sendable {
    /// The file, where the input came from one.
    public let file: String?
    /// `FILE:PLACE: PROBLEM; REMEDY`.
    public let description: String

    init(_ error: any Error) {
        file = (error as? InputError)?.file
        description = "\(error)"
    }
}

/// The result of `body`, whose errors become those of the library.
func reporting<Result>(_ body: () throws -> Result) throws(BanaError) -> Result {
    do { return try body() } catch { throw BanaError(error) }
}
