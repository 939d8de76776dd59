import FileAccess
import Foundation

/// The built program, run as a user would.
struct Program {
    /// What a command left behind.
    struct Outcome {
        let code: Int32
        let output: String
        let errors: String

        /// The last line of what it complained.
        var complaint: String { errors.split(separator: "\n").last.map(String.init) ?? "" }
    }

    /// Where the command is run.
    let folder: String
    /// The program, unless a shell is to run it.
    var executable = Program.path

    /// Beside the tests, which were built with it.
    static let path =
        URL(fileURLWithPath: CommandLine.arguments[0]).resolvingSymlinksInPath().deletingLastPathComponent()
        .appendingPathComponent("bana").path

    /// Starts a command and does not wait for it; what it says is lost.
    func start(_ arguments: [String]) throws -> Process {
        let process = makeProcess(arguments)
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        return process
    }

    private func makeProcess(_ arguments: [String]) -> Process {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: executable)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        process.standardInput = FileHandle.nullDevice
        return process
    }

    /// Runs a command to its end, with some variables of the environment set.
    func run(_ arguments: [String], environment: [String: String] = [:]) throws -> Outcome {
        let process = makeProcess(arguments)
        process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
        let paths = ["output", "errors"].map { join(NSTemporaryDirectory(), "bana-\(UUID().uuidString).\($0)") }
        for path in paths { try writeAtomically(Data(), to: path) }
        defer { for path in paths { try? removeItem(path) } }
        process.standardOutput = FileHandle(forWritingAtPath: paths[0])
        process.standardError = FileHandle(forWritingAtPath: paths[1])
        try process.run()
        process.waitUntilExit()
        let texts = try paths.map { String(decoding: try Data(contentsOf: URL(fileURLWithPath: $0)), as: UTF8.self) }
        return Outcome(code: process.terminationStatus, output: texts[0], errors: texts[1])
    }
}
