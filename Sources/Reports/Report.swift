import Evaluation
package import Foundation
import ImageFiles

/// Everything there is to show of one or several runs; what is empty is left out.
package struct Report: Sendable {
    package var title: String
    /// By what and when it was written.
    package var subtitle: String
    /// Figures beside published ones.
    package var tables: [TablePage] = []
    /// Label maps and predictions against the truth.
    package var scores: [ScoreRow] = []
    /// Names of the classes, in their order.
    package var classes: [String] = []
    package var pictures: [PictureGrid] = []
    package var trainings: [TrainingRecord] = []
    package var settings: [SettingsRecord] = []

    package init(title: String, subtitle: String) {
        (self.title, self.subtitle) = (title, subtitle)
    }

    /// The scores for a terminal; `nil` if there are none.
    package var summary: String? { scores.isEmpty ? nil : scoreText(scores) }

    /// The report as one file that needs no other.
    ///
    /// - Throws: `InputError` for a picture without pixels.
    package func data() throws -> Data {
        Data(page(title: title, subtitle: subtitle, try sections()).markup.utf8)
    }

    private func sections() throws -> [HTML] {
        [
            section("Tables", tables.flatMap(\.html)),
            section("Scores", scores.isEmpty ? [] : [scoreTable(scores), scoreNote]),
            section("Classes", scores.isEmpty ? [] : [classTable(scores, classes: classes)]),
            section("Images", try pictures.filter { !$0.rows.isEmpty }.map { try $0.html() }),
            section("Training", trainingFigures),
            section("Time", trainings.isEmpty ? [] : [timeTable(trainings)]),
            section("Settings", settings.isEmpty ? [] : [settingsTables(settings)]),
        ]
    }

    private var scoreNote: HTML {
        """
        <p class="note">Pixels without a true label are not counted. Mean IoU is the mean over the classes that occur \
        in the truth or in a prediction.</p>
        """
    }

    private var trainingFigures: [HTML] {
        let shown = trainings.filter { !$0.metrics.isEmpty }
        return comparisons(of: shown)
            + shown.map { training in
                let rate = LineChart("learning rate", [training.curve("lr")])
                return """
                    <h3>\(training.name)</h3>
                    <div class="charts">
                    \(LineChart("loss", training.lossCurves).html())
                    \(rate.html())
                    </div>
                    """
            }
    }

    /// The losses of trainings of the same kind in one chart.
    private func comparisons(of trainings: [TrainingRecord]) -> [HTML] {
        let groups = Dictionary(grouping: trainings, by: \.command).filter { $0.value.count > 1 }
        return groups.sorted { $0.key < $1.key }.map { command, group in
            let chart = LineChart("loss", group.map { $0.curve("loss", named: $0.name) })
            return "<h3>\(command), compared</h3>\n<div class=\"charts\">\(chart.html())</div>"
        }
    }
}

extension Report {
    /// Puts the scores and the pictures of one run where TensorBoard shows them, at the run's last iteration.
    ///
    /// Where there are none, nothing is written.
    ///
    /// - Throws: `InputError` if the folder cannot be written to.
    package func writeEvents(to folder: String, iteration: Int) throws {
        guard !scores.isEmpty || !pictures.allSatisfy(\.rows.isEmpty) else { return }
        let events = try TensorBoardFile(in: folder, after: iteration)
        try events.append(
            iteration: iteration,
            scores.map { (name: "mean IoU, \($0.split)/\($0.name)", value: $0.scores.meanIoU) })
        for grid in pictures {
            for row in grid.rows {
                let views = zip(row.pictures, grid.columns).map { CaptionedImage($0, caption: $1) }
                let sheet = contactSheet(views, columns: views.count, side: 320)
                try events.append(iteration: iteration, "\(grid.title)/\(row.name)", sheet)
            }
        }
    }
}
