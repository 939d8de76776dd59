import ArgumentParser
import Runs
import Stages
import Weights

/// `bana weights`: looks at files of weights and renames what is in them.
struct WeightsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "weights",
        abstract: "Shows what a file of weights holds, and moves weights between programs.",
        discussion: """
            Weights are read from safetensors files and from those that torch.save writes (.pth) or wrote before PyTorch \
            1.6, of which nothing is executed. Of a checkpoint the dictionary with the most names that are known is taken, \
            of equals the one under state_dict, model or the like, of equals the largest. Whatever reads weights \
            understands torchvision's names of VGG-16 and ResNet and those of the reference implementation, with or \
            without backbone., module., _orig_mod. and model. before them.
            """,
        subcommands: [Inspect.self, Convert.self])

    /// `bana weights inspect`: what is in a file.
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Lists the tensors of a file: names, shapes, types, norms, and whose names they are.",
            discussion: """
                Example:
                  bana weights inspect weights/resnet101.pth
                """)
        @Argument(help: "A safetensors file, or a file that torch.save wrote.")
        var file: String
        @OptionGroup var common: CommonOptions

        func run() throws { try inspectWeights(file) }
    }

    /// `bana weights convert`: the same tensors under other names.
    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Writes the tensors of a file under other names, as safetensors of 32-bit floats.",
            discussion: """
                What has no name in the naming asked for is left out, and listed: torchvision's networks have no fc6, and \
                no network here has torchvision's last layer.

                Examples:
                  bana weights convert weights/resnet101.pth weights/resnet101.safetensors
                  bana weights convert runs/voc/segmenter-v2/model.safetensors \\
                      trunk.safetensors --names torchvision
                """)
        @Argument(help: "A safetensors file, or a file that torch.save wrote.")
        var input: String
        @Argument(help: "The safetensors file to write.")
        var output: String
        @Option(help: "reference or torchvision.")
        var names = Naming.reference
        @OptionGroup var common: CommonOptions

        func run() throws {
            try common.withSession { session in
                try convertWeights(input, to: output, names: names, session)
                return .finished
            }
        }
    }
}

extension Naming: ExpressibleByArgument {}
