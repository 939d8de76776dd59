import ArgumentParser
import Configuration
import Runs
import Stages

/// `bana train`: stages 1 and 3.
struct Train: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Trains a network; the same command again goes on from the last checkpoint.",
        discussion: """
            Examples:
              bana train classifier --config configs/shapes/classifier.yaml \\
                  --run runs/shapes/classifier
              mpirun -n 2 bana train segmenter --config configs/shapes/segmenter.yaml \\
                  --run runs/shapes/segmenter
            """,
        subcommands: [Classifier.self, Segmenter.self])

    /// `bana train classifier`: stage 1.
    struct Classifier: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Trains the classification network on boxes, with background-aware pooling.")
        @OptionGroup var options: TrainingOptions

        func run() throws { try options.run(.trainClassifier, trainClassifier) }
    }

    /// `bana train segmenter`: stage 3.
    struct Segmenter: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Trains DeepLab on pseudo labels, with the noise-aware loss.")
        @OptionGroup var options: TrainingOptions

        func run() throws { try options.run(.trainSegmenter, trainSegmenter) }
    }
}

/// Flags of the commands that train.
struct TrainingOptions: ParsableArguments {
    @OptionGroup var run: RunOptions
    @OptionGroup var restarting: RestartOption

    @Flag(help: "Bitwise the same weights for 1, 2 and 4 ranks, at the cost of some speed.")
    var reproducible = false

    @Option(help: "End the job when a rank makes no progress for so many seconds; 0: wait for ever.")
    var watchdog = 300.0

    @OptionGroup var common: CommonOptions

    func validate() throws {
        if !(watchdog >= 0) { throw ValidationError("--watchdog \(watchdog): at least 0") }
    }

    /// Trains with the settings of `command`.
    func run(
        _ command: Command, _ train: (RunConfiguration, String, Bool, Session) throws -> RunEnd
    ) throws {
        let settings = try run.configuration(for: command)
        try common.withSession { session in
            session.isReproducible = reproducible
            session.watchdogLimit = watchdog
            return try train(settings, run.run, restarting.restart, session)
        }
    }
}
