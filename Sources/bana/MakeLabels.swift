import Annotations
import ArgumentParser
import Configuration
import Runs
import Stages

/// `bana label`: stage 2.
struct MakeLabels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Makes pseudo labels from boxes with a trained classifier.",
        discussion: """
            Writes Y_crf/ID.png, Y_ret/ID.png and Y_and/ID.png (VOC palette) to the run folder, and for boxes in COCO's \
            format instances.json (a mask for each box). Images whose labels are there are skipped, so the same command \
            goes on where it stopped. Under mpirun the ranks share the images; without it, the jobs of an array can, each \
            with its own --shard.

            Examples:
              bana label --config configs/shapes/label.yaml --run runs/shapes/labels
              bana label --weights runs/voc/classifier --images photos \\
                --boxes boxes.json --run labels
              bana label --config configs/coco/label.yaml --run runs/coco/labels --shard 3/8
            """)
    @OptionGroup var options: RunOptions
    @OptionGroup var own: OwnDataOptions
    @Option(help: "The model.safetensors of a trained classifier, or its run folder; with --images.")
    var weights: String?
    @Option(
        help: "Label this part of the images only, as 3/8; jobs with the other parts may run at the same time.",
        transform: { text in
            guard let shard = Shard(text) else { throw ValidationError("--shard \(text): write it as 3/8") }
            return shard
        })
    var shard: Shard?
    @Option(help: "Draw the first so many images with boxes and labels, to previews/ in the run folder.")
    var preview = 0
    @OptionGroup var restarting: RestartOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        if preview < 0 { throw ValidationError("--preview \(preview): at least 0") }
        if shard != nil && restarting.restart {
            throw ValidationError("--restart with --shard would delete the labels of the other jobs")
        }
        if weights != nil && own.data == nil {
            throw ValidationError("--weights goes with --images and --boxes; in a config it is model.weights")
        }
        if own.data != nil && weights == nil && options.config == nil {
            throw ValidationError("which classifier? give --weights, or a --config with model.weights")
        }
    }

    func run() throws {
        let settings = try settings()
        try common.withSession { session in
            try makeLabels(
                settings, in: options.run, restart: restarting.restart, shard: shard, previews: preview, session)
        }
    }

    private func settings() throws -> RunConfiguration {
        guard let data = own.data else { return try options.configuration(for: .label) }
        var settings = try options.config.map { try RunConfiguration(contentsOf: $0, for: .checkData) } ?? .init()
        if let weights {
            let model = try RunConfiguration(ofModel: weights)
            if options.config == nil { settings = model }
            settings.model.weights = model.model.weights
        }
        settings.model.classes = settings.model.classes ?? settings.data.classes
        try data.apply(to: &settings, overrides: options.overrides)
        try settings.apply(options.overrides)
        try settings.validate(for: .label)
        return settings
    }
}

/// Flags that name a folder of images with boxes, in place of a config's `data`.
struct OwnDataOptions: ParsableArguments {
    @Option(help: "Own data: the folder of images.")
    var images: String?
    @Option(help: "Own data: the boxes, a folder of VOC XML files or an instances file of COCO.")
    var boxes: String?
    @Option(
        help: ArgumentHelp(
            "Own data: names of the classes in their order, separated by commas; default: those of the boxes.",
            valueName: "names"))
    var classes: String?

    func validate() throws {
        if (images == nil) != (boxes == nil) { throw ValidationError("--images and --boxes go together") }
        if classes != nil && images == nil { throw ValidationError("--classes goes with --images and --boxes") }
    }

    /// The data, where the flags name any.
    var data: OwnData? {
        guard let images, let boxes else { return nil }
        let names = classes.map(ClassList.names) ?? []
        return OwnData(images: images, boxes: boxes, classes: names)
    }
}
