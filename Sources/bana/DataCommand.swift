import ArgumentParser
import Datasets
import Stages

/// `bana data`: makes and checks data sets.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Makes data sets.", subcommands: [Shapes.self])

    /// `bana data shapes`: the procedural data set.
    struct Shapes: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draws a small data set of textured shapes, in the layout of VOC.",
            discussion: """
                The same flags draw the same pictures everywhere.

                Example:
                  bana data shapes data/shapes
                """)
        @Argument(help: "The folder to write to.")
        var folder: String
        @Option(help: "Number of training images.")
        var train = 400
        @Option(help: "Number of validation images.")
        var validation = 100
        @Option(help: "Mean side of the images in pixels.")
        var size = 128
        @Option(help: "Start of all random numbers.")
        var seed: UInt32 = 13
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if train < 1 || validation < 1 { throw ValidationError("at least one image of each kind") }
        }

        func run() throws {
            try common.withSession { session in
                try drawShapes(
                    to: folder,
                    ShapesOptions(trainingImages: train, validationImages: validation, size: size, seed: UInt64(seed)), session)
            }
        }
    }
}
