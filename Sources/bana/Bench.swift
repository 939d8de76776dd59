import ArgumentParser
import Benchmarks
import Configuration
import Runs

/// `bana bench`: how fast this machine is.
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures the engine, alone or against PyTorch.",
        discussion: """
            Prints a table, and with --json writes the same numbers to a file. Times are medians.

            --torch names a Python that can import torch. It does the same work in turn with bana, with as many threads, \
            in each of its memory formats, and the faster one is told: a ratio of 3 means that bana takes a third of \
            PyTorch's time. On a shared machine trust such ratios, not single times.

            BANA_INSTRUCTIONS=avx2 in the environment keeps the convolutions, and PyTorch, to AVX2: what to expect of a \
            processor without AVX-512.
            """,
        subcommands: [Layers.self, Step.self, CRF.self, Label.self, Exchange.self])

    /// `bana bench layers`: convolutions one by one.
    struct Layers: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Times the three passes of each kind of convolution of a network.",
            discussion: """
                GF/s counts the operations of a plain convolution, of which Winograd's algorithm does a quarter; so the \
                share of the processor's peak, measured when the command starts, may be above 100 %.

                Examples:
                  bana bench layers configs/bench/vgg16.yaml
                  bana bench layers configs/bench/resnet101.yaml --torch python3
                """)
        @Argument(help: "A list of shapes; see configs/bench.")
        var shapes: String
        @OptionGroup var options: BenchOptions
        @OptionGroup var common: CommonOptions

        func run() throws {
            try common.withSession { try benchmarkLayers(shapes, options.values, $0) }
        }
    }

    /// `bana bench step`: training.
    struct Step: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Times a whole step of training a segmenter, and says where its time goes.",
            discussion: """
                Forward, noise-aware loss, backward, SGD. Memory is the most that a process had, the program itself and \
                its libraries included.

                Examples:
                  bana bench step --size 129 --batch 1 --repeats 1
                  bana bench step --torch python3
                """)
        @Option(help: "vgg16 (DeepLab v1), resnet101 (DeepLab v2), ...")
        var trunk = Trunk.vgg16
        @Option(help: "Rows and columns of the images.")
        var size = 321
        @Option(help: "Number of images.")
        var batch = 2
        @OptionGroup var options: BenchOptions
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if size < 65 || batch < 1 { throw ValidationError("--size of at least 65 and --batch of at least 1") }
        }

        func run() throws {
            let step = StepOptions(trunk: trunk, size: size, batch: batch)
            try common.withSession { try benchmarkStep(step, options.values, $0) }
        }
    }

    /// `bana bench crf`: the dense CRF.
    struct CRF: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "crf", abstract: "Times the dense CRF over one picture.",
            discussion: """
                --torch names a Python that can import pydensecrf too, which works on one core: give --threads 1.

                Example:
                  bana bench crf --threads 1 --channels 3 --repeats 1
                """)
        @Option(parsing: .upToNextOption, help: "Numbers of channels.")
        var channels = [3, 4, 5, 6]
        @OptionGroup var picture: PictureOption
        @OptionGroup var options: BenchOptions
        @OptionGroup var common: CommonOptions

        func validate() throws {
            if channels.isEmpty || channels.contains(where: { !(1...255 ~= $0) }) {
                throw ValidationError("--channels from 1 to 255")
            }
        }

        func run() throws {
            try common.withSession {
                try benchmarkCRF(channels: channels, picture: picture.image, options.values, $0)
            }
        }
    }

    /// `bana bench label`: pseudo labels.
    struct Label: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Times the pseudo labels of one picture: network, attention, CRF, retrieval.",
            discussion: """
                The weights are random; the time does not depend on them.

                Example:
                  bana bench label --repeats 1
                """)
        @OptionGroup var picture: PictureOption
        @OptionGroup var options: BenchOptions
        @OptionGroup var common: CommonOptions

        func run() throws {
            try common.withSession { try benchmarkLabel(picture: picture.image, options.values, $0) }
        }
    }

    /// `bana bench exchange`: gradients between ranks.
    struct Exchange: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Times the sum of a network's gradients over ranks, as float32 and as bfloat16.",
            discussion: """
                Nothing is computed meanwhile: in a training most of this time hides behind backward. MB are what a rank \
                sends; the error is that of the sums, relative to those of float32.

                Examples:
                  mpirun -n 2 bana bench exchange
                  mpirun --hostfile hosts bana bench exchange --trunk resnet101
                """)
        @Option(help: "vgg16 (DeepLab v1), resnet101 (DeepLab v2), ...")
        var trunk = Trunk.vgg16
        @OptionGroup var options: RepeatOptions
        @OptionGroup var common: CommonOptions

        func run() throws {
            try common.withSession { try benchmarkExchange(of: trunk, options.values, $0) }
        }
    }
}

/// Flags of all benchmarks.
struct RepeatOptions: ParsableArguments {
    @Option(help: "How often each work is done, after once to warm up.")
    var repeats = 5
    @Option(help: "Also writes the results to this JSON file.")
    var json: String?

    func validate() throws {
        if repeats < 1 { throw ValidationError("--repeats \(repeats): at least 1") }
    }

    var values: BenchmarkOptions { BenchmarkOptions(repeats: repeats, python: nil, json: json) }
}

/// Flags of the benchmarks that compare with PyTorch.
struct BenchOptions: ParsableArguments {
    @OptionGroup var common: RepeatOptions
    @Option(help: ArgumentHelp("A Python that has torch, to compare with.", valueName: "python"))
    var torch: String?

    var values: BenchmarkOptions { BenchmarkOptions(repeats: common.repeats, python: torch, json: common.json) }
}

/// The flag of the benchmarks that look at a picture.
struct PictureOption: ParsableArguments {
    @Option(help: "An image file; default: a picture of 500 x 375 pixels.")
    var image: String?
}

extension Trunk: ExpressibleByArgument {}
