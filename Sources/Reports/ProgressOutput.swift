import FileAccess
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Where a progress line appears.
package struct ProgressOutput {
    /// Columns of a terminal; `nil` for a file or a pipe.
    private let width: Int?
    private let write: (String) -> Void

    /// An output of lines of at most `width` columns that can be rewritten; `nil` for one that cannot.
    package init(width: Int?, write: @escaping (String) -> Void) {
        (self.width, self.write) = (width, write)
    }

    /// Standard error, where progress does not mix with results.
    package static var standardError: ProgressOutput {
        ProgressOutput(width: terminalWidth(STDERR_FILENO)) { say($0) }
    }

    /// Seconds between two prints.
    var interval: Double { width == nil ? 30 : 0.2 }

    /// Prints a line, over the last one on a terminal.
    func show(_ line: String, isLast: Bool) {
        guard let width else { return write(line + "\n") }
        clear()
        write(line.prefix(max(1, width - 1)) + (isLast ? "\n" : ""))
    }

    /// Wipes the line off a terminal.
    func clear() {
        if width != nil { write("\r\u{1B}[K") }
    }
}

private func terminalWidth(_ descriptor: Int32) -> Int? {
    guard isatty(descriptor) == 1 else { return nil }
    var size = winsize()
    guard ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
}
