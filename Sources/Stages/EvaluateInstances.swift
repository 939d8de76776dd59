import Annotations
import Communication
import Evaluation
import FileAccess
import Logging
package import Runs

/// Scores a results file of COCO against an instances file (`bana evaluate instances`); the first rank does it.
///
/// - Parameter json: a file for the scores.
/// - Throws: `InputError` naming the record that is wrong.
package func evaluateInstances(results: String, truth: String, json: String?, _ session: Session) throws -> RunEnd {
    guard session.communicator.isRoot else { return .finished }
    let instances = try COCOInstances(contentsOf: truth)
    if instances.hasObjectNumberedZero {
        session.logger.notice(
            "\(truth): annotation 0 never counts as found, as in COCO's own evaluation; number from 1")
    }
    let scores = try scoreInstances(try readResults(results, for: instances), truth: instances, session.pool)
    print(scores.table)
    if let json { try writeScores(scores, to: json) }
    return .finished
}

/// Writes scores to the file that `--json` names.
///
/// - Throws: `InputError` or `MachineError` naming the file and the system's reason.
func writeScores(_ scores: some Encodable, to path: String) throws {
    try removeUnfinishedFiles(beside: path)
    try writeJSON(scores, to: path)
}
