import ArgumentParser
import Configuration
import Reproduction
import Runs

/// `bana reproduce`: the papers' tables on a data set.
struct Reproduce: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Regenerates the papers' tables: trains, labels and evaluates whatever is missing.",
        discussion: """
            The config names the configs of the stages; each figure is that of an ordinary run, in a folder of its own in \
            the run folder. The tables go to tables.md, tables.json and report.html there, beside the published \
            figures. The same command goes on where it stopped, under mpirun too. --set takes the config's own keys \
            and, for all stages but coco, those of their configs.

            Examples:
              bana reproduce --config configs/shapes/reproduce.yaml \\
                  --run runs/shapes/tables --plan
              mpirun -n 2 bana reproduce --config configs/voc-small/reproduce.yaml \\
                  --run runs/voc-small/tables
              bana reproduce --config configs/voc/reproduce.yaml \\
                  --run runs/voc/tables --set tables=[1,6] \\
                  --set data.root=/data/VOC2012
            """)
    @OptionGroup var options: RunOptions
    @Flag(
        help: """
            Print the runs, how far each is, which table needs it, and which data and weights are "not ready"; do \
            nothing.
            """)
    var plan = false
    @OptionGroup var common: CommonOptions

    func run() throws {
        let configuration = try ReproductionConfiguration(contentsOf: options.config, settings: options.overrides)
        try common.withSession { session in
            try reproduce(configuration, in: options.run, onlyPlan: plan, session)
        }
    }
}
