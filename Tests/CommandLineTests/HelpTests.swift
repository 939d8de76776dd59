import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct HelpTests {
    /// The commands that do something, as words.
    private func commands(_ program: Program, under words: [String] = []) throws -> [[String]] {
        let help = try program.run(words + ["--help"]).output
        let lines = help.split(separator: "\n", omittingEmptySubsequences: false)
        guard let start = lines.firstIndex(of: "SUBCOMMANDS:") else { return [words] }
        let names = lines[(start + 1)...].prefix { !$0.isEmpty }.compactMap { line -> String? in
            line.hasPrefix("  ") && !line.hasPrefix("   ") ? line.split(separator: " ").first.map(String.init) : nil
        }
        return try names.flatMap { try commands(program, under: words + [$0]) }
    }

    /// Command lines in a help text: those that begin with `bana` or `mpirun`, with what a backslash joins to them.
    private func examples(_ help: String) -> [[String]] {
        help.replacing(/\\\n\s*/, with: "").split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let first = words.first, ["bana", "mpirun"].contains(first), line.hasPrefix("  ") else { return nil }
            return words.firstIndex(of: "bana").map { Array(words[($0 + 1)...].prefix { $0 != ">" }) }
        }
    }

    @Test func everyCommandHasHelpAndExamplesThatParse() throws {
        try withTemporaryFolder { folder in
            let program = Program(folder: folder)
            let commands = try commands(program)
            // Where a folder ought to be made, so that no example has far to go.
            _ = try write("", to: "data", in: folder)
            #expect(commands.count >= 6)
            for command in commands {
                let parents = (0..<command.count).map { Array(command[...$0]) }
                let helps = try parents.map { try program.run($0 + ["--help"]).output }
                let examples = helps.flatMap(examples).filter { $0.starts(with: command) }
                #expect(!examples.isEmpty, "no example of \(command)")
                for example in examples {
                    // Without data and settings it cannot succeed; but it is understood.
                    let outcome = try program.run(example)
                    #expect([0, 65].contains(outcome.code), "\(example): \(outcome.errors)")
                }
            }
        }
    }

    @Test func helpFitsATerminalOf80Columns() throws {
        try withTemporaryFolder { folder in
            let program = Program(folder: folder)
            for command in try [[]] + commands(program) {
                let help = try program.run(command + ["--help"]).output
                // The parser keeps all of a command's flags on one line.
                let lines = help.split(separator: "\n").filter { !$0.hasPrefix("USAGE") }
                for line in lines { #expect(line.count <= 80, "\(command): \(line)") }
                // A paragraph is filled to the edge: a line that ends early is its last.
                let text = help.prefix(upTo: help.range(of: "USAGE")?.lowerBound ?? help.endIndex).split(
                    separator: "\n")
                for (line, next) in zip(text, text.dropFirst()) where !line.hasPrefix("  ") && line.last != ":" {
                    let word = next.prefix { $0 != " " }
                    let endsEarly = line.count + 1 + word.count < 80
                    #expect(!endsEarly || ".:)".contains(line.last ?? "."), "\(command): \(line)")
                }
            }
        }
    }

    @Test func theReferenceExplainsTheKeysOfAllConfigs() throws {
        let outcome = try Program(folder: NSTemporaryDirectory()).run(["config"])
        #expect(outcome.code == 0)
        for key in ["solver.lr: ", "\nbudget: ", "\ntables: ", "\npooling.grids: ", "\nsweeps.bg_threshold: "] {
            #expect(outcome.output.contains(key), "\(key)")
        }
    }

    @Test(arguments: [[], ["--help"], ["help", "train"], ["--version"], ["label", "--help"]])
    func helpGoesToStandardOutput(_ arguments: [String]) throws {
        let outcome = try Program(folder: NSTemporaryDirectory()).run(arguments)
        #expect(outcome.code == 0)
        #expect(!outcome.output.isEmpty)
        #expect(outcome.errors.isEmpty)
    }

    @Test(arguments: [
        ["trian"], ["train", "classifier"], ["label", "--run", "r", "--threads", "0"],
        ["label", "--run", "r", "--fast"],
        ["label", "--run", "r", "--log-level", "loud"], ["evaluate", "labels", "--predictions", "p"],
        ["evaluate", "labels", "--predictions", "p", "--truth", "t", "--list", "l", "--undecided", "maybe"],
    ])
    func whatIsNoCommandLineIsAUsageError(_ arguments: [String]) throws {
        try withTemporaryFolder { folder in
            let outcome = try Program(folder: folder).run(arguments)
            #expect(outcome.code == 64)
            #expect(outcome.output.isEmpty)
            #expect(outcome.errors.hasPrefix("Error: "), "\(outcome.errors)")
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
        }
    }
}
