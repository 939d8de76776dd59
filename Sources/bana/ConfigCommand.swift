import ArgumentParser
import Configuration

/// `bana config`: what can be set.
struct ConfigCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "config",
        abstract: "Explains the keys of configs, or prints a config to begin with.",
        discussion: """
            Without --command it prints the reference: every key with its default, what it means, what may be \
            written, and the commands that use it; the keys of bana reproduce's own configs come last. With --command \
            it prints a config of all that this command reads, each key under its meaning; save it and change what \
            differs.

            Examples:
              bana config
              bana config --command label > label.yaml
              bana config --command train segmenter > segmenter.yaml
            """)
    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Print a config for this command: \(Template.names.joined(separator: ", ")).", valueName: "command"))
    var command: [String] = []

    /// What a config can be for.
    enum Template {
        case stage(Command)
        case reproduce

        static let names = Command.allCases.map(\.rawValue) + ["reproduce"]

        init?(_ name: String) {
            if name == "reproduce" {
                self = .reproduce
            } else if let command = Command(rawValue: name) {
                self = .stage(command)
            } else {
                return nil
            }
        }

        var text: String {
            switch self {
            case .stage(let command): RunConfiguration.template(for: command)
            case .reproduce: ReproductionConfiguration.template()
            }
        }
    }

    private var template: Template? { Template(command.joined(separator: " ")) }

    func validate() throws {
        guard !command.isEmpty, template == nil else { return }
        throw ValidationError(
            "--command \(command.joined(separator: " ")): give one of \(Template.names.joined(separator: ", "))")
    }

    /// The stages' keys, then those of `bana reproduce`, whose configs are of another kind.
    private var reference: String {
        RunConfiguration.reference + "\nThe keys of configs for bana reproduce:\n\n"
            + ReproductionConfiguration.reference
    }

    func run() {
        print(template?.text ?? reference, terminator: "")
    }
}
