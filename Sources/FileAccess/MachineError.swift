#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// What the machine could not do, through no fault of what the user gave it: a full disk, a broken one.
///
/// Unlike an `InputError` it is no reason to pass over one image and go on with the next: all would fail. What was
/// written stays, and the same command goes on.
package struct MachineError: Error, Equatable, Sendable {
    /// The file, or `nil` where it is not about one.
    package let file: String?
    /// What failed, with the system's reason.
    package let problem: String
    /// What can be done about it.
    package let remedy: String

    package init(_ problem: String, file: String? = nil, remedy: String) {
        (self.problem, self.file, self.remedy) = (problem, file, remedy)
    }
}

extension MachineError: CustomStringConvertible {
    /// One line, fit for a terminal.
    package var description: String { (file.map { $0 + ": " } ?? "") + problem + "; " + remedy }
}

/// Why the last system call failed on a file: the machine's fault, or that of whoever named the file.
///
/// - Parameter action: what failed: `cannot write`.
func systemError(_ action: String, file: String, code: Int32 = errno) -> any Error {
    let problem = "\(action): \(String(cString: strerror(code)))"
    return switch code {
    case ENOSPC, EDQUOT:
        MachineError(problem, file: file, remedy: "make room there; the same command goes on")
    case EFBIG:
        MachineError(
            problem, file: file, remedy: "raise the limit of a file's size (ulimit -f); the same command goes on")
    case EROFS, EIO, ENXIO, ENODEV, ESTALE, ETIMEDOUT, ENOTCONN, EHOSTDOWN:
        MachineError(problem, file: file, remedy: "look at this disk or its server; the same command goes on")
    case ENOMEM, EMFILE, ENFILE:
        MachineError(problem, file: file, remedy: "raise this limit (ulimit -a); the same command goes on")
    default:
        InputError(problem, file: file)
    }
}
