import FileAccess
import Foundation
import Logging
package import Runs
package import Weights

/// Prints what a weight file holds (`bana weights inspect`): names, shapes, types, norms, and whose names they are.
///
/// Where a file has several sets of tensors, says which it is.
///
/// - Throws: `InputError` for a file that is no sound file of weights, or that holds none.
package func inspectWeights(_ path: String) throws {
    let file = try openWeights(path)
    let map = NameMap(fileNames: file.tensors.map(\.name))
    var table = TextTable(["tensor", "shape", "type", "norm"], leftColumns: 4)
    for entry in file.tensors {
        let shape = entry.shape.map(String.init).joined(separator: " x ")
        table.append([shortened(entry.name, limit: 120), shape, entry.type.rawValue, try norm(entry, file)])
    }
    print(table)
    let numbers = file.tensors.reduce(0) { $0 + $1.count }
    print("\(file.tensors.count) tensors of \(numbers) numbers")
    if let origin = file.origin { print("these are the \(origin)") }
    let recognized = file.tensors.compactMap { map.recognize($0.name) }
    for naming in Naming.allCases {
        let count = recognized.count { $0.naming == naming }
        if count > 0 { print("\(count) have \(naming == .reference ? "the reference's" : "torchvision's") names") }
    }
    let unknown = file.tensors.filter { map.recognize($0.name) == nil }.map(\.name)
    if !unknown.isEmpty { print("\(unknown.count) have names of no network here: \(listed(unknown, first: 5))") }
}

/// Writes the tensors of a weight file under other names, as safetensors (`bana weights convert`).
///
/// - Throws: `InputError` for a file that is no sound file of weights, and for an output that cannot be written.
package func convertWeights(_ path: String, to output: String, names naming: Naming, _ session: Session) throws {
    guard output.hasSuffix(".safetensors") else {
        throw InputError(
            "only safetensors files are written", file: output, remedy: "end its name in .safetensors")
    }
    let file = try openWeights(path)
    try removeUnfinishedFiles(beside: output)
    let report = try convertWeights(file, to: naming, path: output)
    session.logger.notice("\(output): \(report.written) tensors under the \(naming.rawValue) names")
    if let origin = file.origin { session.logger.notice("they are \(origin)") }
    if !report.leftOut.isEmpty {
        session.logger.notice("left out, having no such name or no floats: \(listed(report.leftOut, first: 20))")
    }
}

/// The Euclidean norm of a tensor, or `not finite` where it holds NaN or infinity; a dash where it holds no floats.
private func norm(_ entry: TensorEntry, _ file: any WeightFile) throws -> String {
    guard entry.type.isFloat else { return "-" }
    let sum = try file.floats(of: entry).reduce(0.0) { $0 + Double($1) * Double($1) }
    return sum.isFinite ? String(format: "%.6g", sum.squareRoot()) : "not finite"
}
