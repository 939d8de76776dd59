package import Evaluation
import FileAccess
import Foundation

/// How well one set of label maps agrees with the truth.
package struct ScoreRow: Equatable, Sendable {
    /// The run that made the maps; empty for a baseline.
    package var run: String
    /// What the maps are: `Y_crf`, `DeepLab`.
    package var name: String
    /// What else to know of them; empty for nothing.
    package var note = ""
    /// The split they were scored on.
    package var split: String
    /// Number of images scored.
    package var images: Int
    package var scores: SegmentationScores

    package init(run: String, name: String, split: String, images: Int, scores: SegmentationScores) {
        (self.run, self.name, self.split, self.images, self.scores) = (run, name, split, images, scores)
    }
}

/// One line for each set of label maps, its mean IoU as a bar.
func scoreTable(_ rows: [ScoreRow]) -> HTML {
    let lines: [HTML] = rows.map { row in
        let meanIoU = percent(row.scores.meanIoU, digits: 1)
        return """
            <tr><th>\(row.name) <small>\(row.note)</small></th><td>\(row.run)</td><td>\(row.split)</td>\
            <td class="number">\(row.images)</td>\
            <td class="bar"><i style="--part: \(meanIoU)%"></i><b>\(meanIoU)</b></td>\
            <td class="number">\(percent(row.scores.pixelAccuracy, digits: 1))</td>\
            <td class="number">\(percent(row.scores.meanAccuracy, digits: 1))</td></tr>
            """
    }
    return """
        <table class="scores">
        <thead><tr><th>labels</th><th>run</th><th>split</th><th class="number">images</th><th>mean IoU, %</th>\
        <th class="number">pixel accuracy</th><th class="number">mean accuracy</th></tr></thead>
        <tbody>
        \(lines)
        </tbody>
        </table>
        """
}

/// The scores for a terminal, a line for each set of label maps.
func scoreText(_ rows: [ScoreRow]) -> String {
    var table = TextTable(["labels", "run", "split", "images", "mean IoU, %"], leftColumns: 3)
    for row in rows {
        table.append([row.name, row.run, row.split, "\(row.images)", percent(row.scores.meanIoU, digits: 1)])
    }
    return table.description
}

/// The IoU of each class: a line for each class, a column for each set of label maps.
///
/// - Parameter classes: in the order of the lines.
func classTable(_ rows: [ScoreRow], classes: [String]) -> HTML {
    let heads: [HTML] = rows.map { "<th class=\"number\">\($0.name)<br/><small>\($0.run)</small></th>" }
    let lines: [HTML] = classes.map { name in
        let values = rows.map { row in row.scores.perClassIoU.first { $0.name == name }?.iou }
        let cells: [HTML] = values.map { iou in
            "<td class=\"number\">\(iou.map { percent($0, digits: 1) } ?? "–")</td>"
        }
        return "<tr><th>\(name)</th>\(cells)</tr>"
    }
    return """
        <table class="classes">
        <thead><tr><th>IoU, %</th>\(heads)</tr></thead>
        <tbody>
        \(lines)
        </tbody>
        </table>
        """
}
