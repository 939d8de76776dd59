import Communication
import Logging
package import Shapes

/// Draws the procedural data set (`bana data shapes`).
///
/// - Throws: `InputError` when the folder cannot be written.
package func drawShapes(to folder: String, _ options: ShapesOptions, _ session: Session) throws -> RunEnd {
    guard session.communicator.isRoot else { return .finished }
    try generateShapes(to: folder, options, session.pool)
    session.logger.notice(
        "\(options.trainingImages) training and \(options.validationImages) validation images are in \(folder)")
    return .finished
}
