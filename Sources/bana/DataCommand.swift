import ArgumentParser
import Communication
import Configuration
import Logging
import Runs
import Shapes
import Stages

/// `bana data`: makes and checks data sets.
struct DataCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "data", abstract: "Makes and checks data sets.", subcommands: [Shapes.self, Check.self])

    /// `bana data check`: everything that is wrong with a data set.
    struct Check: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Reads a whole data set and lists everything that is wrong with it.",
            discussion: """
                Images, boxes, lists, label maps and COCO's instances are read in full, by all cores and, under mpirun, \
                by all ranks. Problems are printed a line each, with file and line; the exit code is 65 if there is one.

                Examples:
                  bana data check --config configs/voc/classifier.yaml
                  bana data check --set data.root=VOC2012 --set data.split=train
                  bana data check --images photos --boxes boxes.json
                """)
        @Option(help: "The YAML file of settings; see configs/.")
        var config: String?
        @Option(
            name: .customLong("set"),
            help: ArgumentHelp("Overrides a setting, as data.root=DIR; repeatable.", valueName: "key.path=value"))
        var overrides: [String] = []
        @OptionGroup var own: OwnDataOptions
        @OptionGroup var common: CommonOptions

        func run() throws {
            var settings = try RunConfiguration(contentsOf: config, for: .checkData)
            try own.data?.apply(to: &settings, overrides: overrides, isCheck: true)
            try settings.apply(overrides)
            try settings.validate(for: .checkData)
            try common.withSession { [settings] session in try checkData(settings, session) }
        }
    }

    /// `bana data shapes`: the procedural data set.
    struct Shapes: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Draws a small data set of textured shapes, in the layout of VOC or of COCO.",
            discussion: """
                The same flags draw the same pictures everywhere.

                Examples:
                  bana data shapes data/shapes
                  bana data shapes data/shapes-coco --format coco --seed 14
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
        @Option(help: "Layout on disk: voc or coco.")
        var format = ShapesLayout.voc
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if train < 1 || validation < 1 { throw ValidationError("at least one image of each kind") }
        }

        func run() throws {
            let options = ShapesOptions(
                trainingImages: train, validationImages: validation, size: size, seed: UInt64(seed), layout: format)
            try common.withSession { session in
                guard session.communicator.isRoot else { return .finished }
                let lock = try session.lock(folder)
                defer { lock?.release() }
                try generateShapes(to: folder, options, session.pool)
                session.logger.notice("\(train) training and \(validation) validation images are in \(folder)")
                return .finished
            }
        }
    }
}

extension ShapesLayout: ExpressibleByArgument {}
