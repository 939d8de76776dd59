import Evaluation
import ImageFiles

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
