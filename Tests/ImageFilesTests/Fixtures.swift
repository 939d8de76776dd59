import FileAccess
import Foundation
import Testing

/// The folder of the test images.
let fixtures = join((#filePath as NSString).deletingLastPathComponent, "Fixtures")

/// What Pillow gave for an image of the fixtures, and the number of its bytes a pixel.
struct Expected: Decodable {
    let width: Int
    let height: Int
    let pixels: Data

    /// All that `make_fixtures.py` wrote down, by name.
    static let all: [String: Expected] = {
        do {
            return try JSONDecoder().decode([String: Expected].self, from: readFile(join(fixtures, "expected.json")))
        } catch {
            Issue.record(error, "make the fixtures anew: python make_fixtures.py")
            return [:]
        }
    }()

    /// Names of the images expected as RGB, or as labels.
    static func names(channels: Int) -> [String] {
        all.filter { $1.pixels.count == $1.width * $1.height * channels }.keys.sorted()
    }
}

/// The bytes of a fixture.
func fixture(_ name: String) throws -> Data {
    Data(try readFile(join(fixtures, name)))
}

/// Runs `body` with the path of a file of these contents.
func withFile<Result>(
    _ contents: Data, named name: String = "image", _ body: (String) throws -> Result
) throws -> Result {
    let folder = join(NSTemporaryDirectory(), UUID().uuidString)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let path = join(folder, name)
    try writeAtomically(contents, to: path)
    return try body(path)
}

/// What an error says, without the file's name; empty if there is none.
func complaint(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch let error as InputError {
        var nameless = error
        nameless.file = nil
        return nameless.description
    } catch {
        return "not an InputError: \(error)"
    }
}
