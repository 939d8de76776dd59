import Foundation

/// Writes a value as JSON a person can read, keys in order; complete or absent.
///
/// - Throws: `InputError` naming the file and the system's reason.
package func writeJSON(_ value: some Encodable, to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try writeAtomically(try encoder.encode(value), to: path)
}

/// Reads a value that `writeJSON` has written.
///
/// - Parameter problem: what the file is not, if it is not of this form: `this is no record of settings`.
/// - Throws: `InputError` naming the file.
package func readJSON<Value: Decodable>(
    _ type: Value.Type, from path: String, orSay problem: String, remedy: String? = nil
) throws -> Value {
    do {
        return try JSONDecoder().decode(type, from: try readFile(path))
    } catch is DecodingError {
        throw InputError(problem, file: path, remedy: remedy)
    }
}

/// A text as JSON: in quotes, what needs it escaped.
package func jsonText(_ text: String) throws -> String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .withoutEscapingSlashes
    return String(decoding: try encoder.encode(text), as: UTF8.self)
}
