import FileAccess
import Kernels
import ProcessorCheck

/// What is wrong with something that was given, or with the processor, in one line: which file, where in it, what, and
/// what to do.
public struct BanaError: Error, CustomStringConvertible, Sendable {
    /// The file, where the input came from one.
    public let file: String?
    /// `FILE:PLACE: PROBLEM; REMEDY`.
    public let description: String

    init(_ error: any Error) {
        file = (error as? InputError)?.file
        description = "\(error)"
    }

    init(_ problem: String) { (file, description) = (nil, problem) }
}

/// The result of `body`, whose errors become those of the library; an error where the processor cannot do the work.
func reporting<Result>(_ body: () throws -> Result) throws(BanaError) -> Result {
    if let unfitProcessor { throw BanaError(unfitProcessor) }
    do { return try body() } catch { throw BanaError(error) }
}

/// Asked before the rooms that are compiled for some processors only are entered.
private let unfitProcessor = processorProblem(needed: instructionsNeeded())
