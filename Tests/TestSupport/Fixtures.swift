import FileAccess
import Foundation

/// The path of a file under `Tests/Fixtures`.
package func fixture(_ name: String, from file: String = #filePath) -> String {
    let tests = ((file as NSString).deletingLastPathComponent as NSString).deletingLastPathComponent
    return join(join(tests, "Fixtures"), name)
}

/// A fixture in JSON, decoded.
package func decodeFixture<Value: Decodable>(_ type: Value.Type, _ name: String) throws -> Value {
    try JSONDecoder().decode(type, from: readFile(fixture(name)))
}
