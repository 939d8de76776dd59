import CSystem

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Says something on standard error.
///
/// What cannot be written is lost, be the stream closed, its disk full or its reader gone: no work may end for it.
package func say(_ text: String) {
    var text = text
    text.withUTF8 { bytes in
        var rest = UnsafeRawBufferPointer(bytes)[...]
        while !rest.isEmpty {
            let written = write(STDERR_FILENO, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return }
            rest = rest.dropFirst(written)
        }
    }
}

/// Makes the standard streams safe to write to: those that are closed lead nowhere, so that no file opened later is
/// taken for one; results that are printed to none are lost, and told to be. A reader that goes away, or a file that
/// reaches the limit of its size, is an error of the write instead of the end of the process.
package func guardStandardStreams() {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    for stream in [STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO] where fcntl(stream, F_GETFD) < 0 && errno == EBADF {
        // The lowest free number is this one: those below it are open.
        if stream == STDOUT_FILENO && open("/dev/full", O_WRONLY) >= 0 { continue }
        _ = open("/dev/null", stream == STDIN_FILENO ? O_RDONLY : O_WRONLY)
    }
}

/// Hands on what was printed.
///
/// - Throws: `MachineError` where results that were printed are lost; a reader that has seen enough is no loss.
package func flushStandardOutput() throws {
    guard bana_standard_output_lost() != 0 else { return }
    throw MachineError(
        "cannot be written to: results are lost", file: "standard output", remedy: "is it closed, or its disk full?")
}
