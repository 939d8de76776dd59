import ArgumentParser
import Configuration
import Stages

/// `bana label`: stage 2.
struct MakeLabels: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "label",
        abstract: "Makes pseudo labels from boxes with a trained classifier.",
        discussion: """
            Writes Y_crf/ID.png, Y_ret/ID.png and Y_and/ID.png (VOC palette) to the run folder. Images whose labels are
            there are skipped, so the same command goes on where it stopped.

            Example:
              bana label --config configs/shapes/label.yaml --run runs/shapes/labels
            """)
    @OptionGroup var options: RunOptions
    @OptionGroup var restarting: RestartOption
    @OptionGroup var common: CommonOptions

    func run() throws {
        let settings = try options.configuration(for: .label)
        try common.withSession { session in
            try makeLabels(settings, in: options.run, restart: restarting.restart, session)
        }
    }
}
