import FileAccess
import Foundation

/// A folder that exists while `body` runs, and is gone afterwards.
package func withTemporaryFolder<Result>(_ body: (_ folder: String) throws -> Result) throws -> Result {
    let folder = join(NSTemporaryDirectory(), "bana-test-\(UUID().uuidString)")
    try makeFolder(folder)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

/// Writes a text file, and the folders above it, and tells its path.
package func write(_ text: String, to name: String, in folder: String) throws -> String {
    let path = join(folder, name)
    try writeAtomically(Data(text.utf8), to: path)
    return path
}

/// What a user would read when `body` fails: the message of its `InputError`.
package func message(_ body: () throws -> some Any) -> String {
    do {
        _ = try body()
        return "no error"
    } catch {
        return error is InputError ? "\(error)" : "not an InputError: \(error)"
    }
}

/// Folder of the real data sets that some tests read, from the environment variable `BANA_TEST_DATA`.
package let testData = ProcessInfo.processInfo.environment["BANA_TEST_DATA"]

/// Why tests of real data do not run where `testData` is `nil`.
package let testDataMissing = "BANA_TEST_DATA does not name the folder of the real data sets"
