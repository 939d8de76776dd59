import ArgumentParser
import Configuration
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
        @OptionGroup var options: RunOptions
        @OptionGroup var training: TrainingOptions
        @OptionGroup var common: CommonOptions

        func run() throws {
            let settings = try options.configuration(for: .trainClassifier)
            try common.withSession { session in
                training.apply(to: session)
                return try trainClassifier(settings, in: options.run, restart: training.restart, session)
            }
        }
    }

    /// `bana train segmenter`: stage 3.
    struct Segmenter: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Trains DeepLab on pseudo labels, with the noise-aware loss.")
        @OptionGroup var options: RunOptions
        @OptionGroup var training: TrainingOptions
        @OptionGroup var common: CommonOptions

        func run() throws {
            let settings = try options.configuration(for: .trainSegmenter)
            try common.withSession { session in
                training.apply(to: session)
                return try trainSegmenter(settings, in: options.run, restart: training.restart, session)
            }
        }
    }
}
