import ArgumentParser
import RunReports

/// `bana report`: what runs did, on one page.
struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes a page on one or several runs: scores, images, curves, time, settings.",
        discussion: """
            The page needs no other file. Labels are scored where the data set has a truth; under mpirun the ranks share \
            that work. Whatever a run lacks is left out.

            Examples:
              bana report runs/shapes
              bana report runs/nal runs/ce_crf --out both.html
            """)
    @Argument(help: ArgumentHelp("Run folders, or folders that hold run folders.", valueName: "dir"))
    var folders: [String]
    @Option(help: "The file to write; default: report.html in the first folder.")
    var out: String?
    @OptionGroup var common: CommonOptions

    func run() throws {
        try common.withSession { session in try writeReport(on: folders, to: out, session) }
    }
}
