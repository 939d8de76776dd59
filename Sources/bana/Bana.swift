import ArgumentParser
import CEarlyStart
import FileAccess
import Foundation
import Kernels
import ProcessorCheck
import Runs

/// The command line: flags become a configuration, a stage does the work, errors become one line and an exit code.
@main
struct Bana: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bana",
        abstract: "Turns bounding boxes into segmentation.",
        discussion: """
            Three stages, each usable on its own, on one core or on many machines under mpirun:

              bana train classifier   boxes -> a network that tells object from background
              bana label              network + boxes -> pseudo labels
              bana train segmenter    pseudo labels -> DeepLab

            `bana predict` then segments images. `bana data shapes DIR` makes a small data set to try them on.
            """,
        version: version,
        subcommands: [
            Train.self, MakeLabels.self, Predict.self, Evaluate.self, Reproduce.self, Report.self, DataCommand.self,
            WeightsCommand.self, ConfigCommand.self, MPICommand.self, Bench.self,
        ])

    static func main() {
        guardStandardStreams()
        if let problem = processorProblem(needed: instructionsNeeded()) {
            Foundation.exit(fail(problem, ExitCodes.internalError))
        }
        let arguments = commandLine()
        Foundation.exit(run(arguments.first ?? "", Array(arguments.dropFirst())))
    }

    /// The words the program was started with, its own name first.
    private static func commandLine() -> [String] {
        guard CommandLine.arguments.isEmpty, var next = bana_arguments() else { return CommandLine.arguments }
        var words: [String] = []
        while let word = next.pointee {
            words.append(String(cString: word))
            next += 1
        }
        return words
    }

    /// Runs a command line and returns the exit code.
    private static func run(_ name: String, _ arguments: [String]) -> Int32 {
        do {
            try limitInstructions()
            guard !name.isEmpty else {
                return fail(
                    "started with an empty list of arguments, not even its own name; start it from a shell",
                    ExitCodes.usage)
            }
            var command = try parseAsRoot(arguments)
            try command.run()
            try flushStandardOutput()
            return ExitCodes.done
        } catch let error as InputError {
            return fail("\(error)", ExitCodes.badInput)
        } catch is Unfinished {
            return ExitCodes.unfinished
        } catch let error as ExitCode {
            return error.rawValue
        } catch  where isUsage(error) {
            let code = exitCode(for: error)
            let text = fullMessage(for: error)
            if code.isSuccess { print(text) } else { say(text + "\n") }
            return code.rawValue
        } catch {
            return fail("\(error)", ExitCodes.internalError)
        }
    }

    /// Whether the parser has something to say: help, a version, a wrong flag.
    private static func isUsage(_ error: any Error) -> Bool {
        exitCode(for: error) == .validationFailure || exitCode(for: error).isSuccess
    }

    private static func fail(_ message: String, _ code: Int32) -> Int32 {
        say("bana: error: \(message)\n")
        return code
    }
}

/// What the exit code tells a script.
enum ExitCodes {
    static let done: Int32 = 0
    /// A mistake in the command line.
    static let usage: Int32 = 64
    /// Bad data or config.
    static let badInput: Int32 = 65
    /// A mistake of the program, or of the machine.
    static let internalError: Int32 = 70
    /// Stopped after a checkpoint: run the same command again.
    static let unfinished: Int32 = 75
}

/// Thrown by a command that was asked to stop and has saved its state.
struct Unfinished: Error {}
