import ArgumentParser
import Configuration
import Runs
import Stages

/// `bana evaluate`: compares with the truth.
struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Scores labels, a segmenter or instance masks against the truth.",
        subcommands: [Labels.self, Segmenter.self, Instances.self])

    /// `bana evaluate labels`: label maps on disk.
    struct Labels: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Scores a folder of label maps.",
            discussion: """
                Where maps leave pixels open (255), as Y_and does, both readings are printed: those pixels left out, and \
                counted as wrong.

                Example:
                  bana evaluate labels --predictions runs/voc/labels/Y_crf \\
                      --truth VOC2012/SegmentationClass \\
                      --list VOC2012/ImageSets/Segmentation/val.txt
                """)
        @Option(help: "The folder of predicted label maps, ID.png.")
        var predictions: String
        @Option(help: "The folder of true label maps, ID.png.")
        var truth: String
        @Option(help: "The list of image ids, one a line.")
        var list: String
        @Option(help: ArgumentHelp("voc, coco, or the names of the classes separated by commas.", valueName: "classes"))
        var classes = "voc"
        @Option(help: "The reading that --json puts first, of pixels left open: ignored or wrong.")
        var undecided = UndecidedPixels.ignored
        @Option(help: "Also writes the scores to this JSON file.")
        var json: String?
        @OptionGroup var common: CommonOptions

        func run() throws {
            try common.withSession { session in
                try evaluateLabels(
                    predictions: predictions, truth: truth, list: list, classes: classes, undecided: undecided,
                    json: json, session)
            }
        }
    }

    /// `bana evaluate segmenter`: a trained network.
    struct Segmenter: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Segments the validation images with a trained run's model, with and without the CRF, and scores them.",
            discussion: """
                Writes predictions/ and predictions_crf/ (VOC palette) and evaluation.json to the run folder. Images \
                without a truth, such as VOC's test split, are segmented only, with the CRF to \
                results/VOC2012/Segmentation/comp6_test_cls/, as VOC's evaluation server takes them. After a stop the \
                same command goes on; predictions made with other settings are forgotten with --restart only.

                Examples:
                  bana evaluate segmenter --config configs/shapes/segmenter.yaml \\
                      --run runs/shapes/segmenter
                  bana evaluate segmenter --config configs/voc/segmenter.yaml \\
                      --run runs/voc/segmenter --set data.validation=test
                """)
        @OptionGroup var options: RunOptions
        @OptionGroup var beginning: RestartOption
        @Option(help: "Also writes the scores to this JSON file.")
        var json: String?
        @OptionGroup var common: CommonOptions

        func run() throws {
            let settings = try options.configuration(for: .evaluateSegmenter)
            try common.withSession { session in
                try evaluateSegmenter(settings, in: options.run, json: json, restart: beginning.restart, session)
            }
        }
    }
}

extension Evaluate {
    /// `bana evaluate instances`: COCO's mask AP.
    struct Instances: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Scores instance masks as COCO does: the twelve figures of mask AP and AR.",
            discussion: """
                Truth is an instances file of COCO, results are a results file (compressed or plain run lengths, or \
                polygons). The figures equal those of pycocotools.

                Example:
                  bana evaluate instances --truth annotations/instances_val2017.json \\
                      --results runs/coco/labels/instances.json
                """)
        @Option(help: "The instances file of the true objects.")
        var truth: String
        @Option(help: "The results file.")
        var results: String
        @Option(help: "Also writes the figures to this JSON file.")
        var json: String?
        @OptionGroup var common: CommonOptions

        func run() throws {
            try common.withSession { session in
                try evaluateInstances(results: results, truth: truth, json: json, session)
            }
        }
    }
}

extension UndecidedPixels: ExpressibleByArgument {}
