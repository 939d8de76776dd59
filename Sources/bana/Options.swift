import ArgumentParser
import Communication
import Configuration
import FileAccess
import Foundation
import Logging
import Runs

/// Flags of every command that does work.
struct CommonOptions: ParsableArguments {
    @Option(help: "Threads of each rank; default: the cores it may use, shared by the ranks on its host.")
    var threads: Int?

    @Option(
        help: "What is worth telling: trace, debug, info, notice, warning or error.",
        transform: { text in
            guard let level = Logger.Level(rawValue: text) else { throw ValidationError("no such level: \(text)") }
            return level
        })
    var logLevel = Logger.Level.info

    @Flag(
        help: """
            Detect anomalies: tell shapes and statistics of each layer, stop at the first NaN or Inf. One process, \
            no MPI.
            """)
    var debug = false

    func validate() throws {
        if let threads, threads < 1 { throw ValidationError("--threads \(threads): at least 1") }
    }

    /// Joins the job this process was launched in, opens its log, and does some work there.
    ///
    /// An error ends the whole job: the other ranks would wait for this one for ever.
    func withSession(_ body: (Session) throws -> RunEnd) throws {
        let communicator = try joinJob()
        StopRequest.listen()
        let session = Session(communicator: communicator, threads: threads, logger: makeLogger(rank: communicator.rank))
        session.isDebugging = debug
        let end: RunEnd
        do {
            end = try body(session)
        } catch {
            if communicator.size > 1 { abortJob(communicator, error) }
            communicator.finish()
            throw error
        }
        communicator.finish()
        if end == .stopped { throw Unfinished() }
    }

    private func joinJob() throws -> Communicator {
        let environment = LauncherEnvironment(ProcessInfo.processInfo.environment)
        guard debug else { return try Communicator(environment: environment) }
        guard environment.size ?? 1 == 1 else {
            throw InputError("--debug is for one process", remedy: "leave out mpirun, or --debug")
        }
        return Communicator()
    }

    /// Rank 0 speaks first: what is wrong for it is mostly wrong for all, and one message is enough.
    private func abortJob(_ communicator: Communicator, _ error: any Error) -> Never {
        if !communicator.isRoot { Thread.sleep(forTimeInterval: 2) }
        let rank = communicator.isRoot ? "" : "rank \(communicator.rank): "
        say("bana: error: \(rank)\(error)\n")
        communicator.abort(error is InputError ? ExitCodes.badInput : ExitCodes.internalError)
    }

    private func makeLogger(rank: Int) -> Logger {
        var logger = Logger(label: "bana", factory: { _ in TerminalLog() })
        let logLevel = debug ? min(logLevel, .debug) : logLevel
        logger.logLevel = rank == 0 ? logLevel : max(logLevel, .warning)
        if rank > 0 { logger[metadataKey: "rank"] = "\(rank)" }
        return logger
    }
}

/// Flags of the commands that read a config and own a folder.
struct RunOptions: ParsableArguments {
    @Option(help: "The YAML file of settings; see configs/.")
    var config: String?

    @Option(help: "The folder the command writes to; the same command again goes on where it stopped.")
    var run: String

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides a setting, as solver.lr=0.01; repeatable.", valueName: "key.path=value"))
    var overrides: [String] = []

    /// The settings of `command`.
    func configuration(for command: Command) throws -> RunConfiguration {
        try RunConfiguration(contentsOf: config, overrides: overrides, for: command)
    }
}

/// The flag of the commands that go on where they stopped.
struct RestartOption: ParsableArguments {
    @Flag(help: "Begin anew, forgetting what the folder holds of an earlier run.")
    var restart = false
}
