import ArgumentParser
import Configuration
import Runs
import Stages

/// `bana predict`: stage 3 applied.
struct Predict: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Segments a folder of images with a trained model.",
        discussion: """
            Writes OUT/ID.png (classes, VOC palette), OUT/overlays/ID.png (the image under their colours) or \
            OUT/predictions.json (each class's region as an object of COCO). The network's settings are those that the \
            model's run folder keeps, or --config. Under mpirun the ranks share the images.

            Examples:
              bana predict --model runs/shapes/segmenter --images photos --out masks
              bana predict --model model.safetensors --config configs/voc/segmenter.yaml \\
                  --images photos --out masks --form palette --form overlay
            """)
    @Option(help: "The model.safetensors of a trained segmenter, or its run folder.")
    var model: String
    @Option(help: "The folder of images (JPEG or PNG), or one image.")
    var images: String
    @Option(help: "The folder to write to.")
    var out: String
    @Option(
        name: .customLong("form"),
        help: ArgumentHelp("What to write: palette, overlay or coco; repeatable.", valueName: "form"))
    var forms: [PredictionForm] = [.palette]
    @Flag(inversion: .prefixedNo, help: "Refine with the dense CRF.")
    var crf = true
    @Option(help: "The settings of the network, where the model has no run folder.")
    var config: String?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("Overrides a setting, as evaluate.scales=[1]; repeatable.", valueName: "key.path=value"))
    var overrides: [String] = []
    @OptionGroup var common: CommonOptions

    func run() throws {
        var settings = try RunConfiguration(ofModel: model)
        if let config {
            let weights = settings.model.weights
            settings = try RunConfiguration(contentsOf: config, for: .predict)
            settings.model.weights = weights
        }
        try settings.apply(overrides)
        try settings.validate(for: .predict)
        try common.withSession { [settings] session in
            try predict(settings, images: images, to: out, as: Set(forms), usesCRF: crf, session)
        }
    }
}

extension PredictionForm: ExpressibleByArgument {}
