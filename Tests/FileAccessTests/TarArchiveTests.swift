import FileAccess
import Foundation
import TestSupport
import Testing

/// Archives as folders of data files, made by the system's tar.
@Suite(.enabled(if: exists("/usr/bin/tar") || exists("/bin/tar"), "no tar here")) struct TarArchiveTests {
    private static let longName = String(repeating: "folder-of-a-long-name/", count: 8) + "é deep.jpg"

    /// A folder `shards` with one archive of some files, and how it is made.
    private func withShard<Result>(format: String, _ body: (_ folder: String) throws -> Result) throws -> Result {
        try withTemporaryFolder { folder in
            for name in ["a.jpg", "a.xml", "B.JPG", "sub/c.png", "._a.jpg", "notes.txt", TarArchiveTests.longName] {
                _ = try write("this is \(name)", to: "data/\(name)", in: folder)
            }
            _ = try write(String(repeating: "x", count: 1024), to: "data/even.jpg", in: folder)
            _ = try write("", to: "data/empty.jpg", in: folder)
            try makeFolder(join(folder, "shards"))
            try tar(["--format=\(format)", "-cf", join(folder, "shards/000000.tar"), "-C", join(folder, "data"), "."])
            return try body(join(folder, "shards"))
        }
    }

    private func tar(_ arguments: [String]) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["tar"] + arguments
        try process.run()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test(arguments: ["gnu", "pax", "posix"])
    func membersAreFoundAndReadAsFiles(_ format: String) throws {
        try withShard(format: format) { shards in
            let names = try dataFiles(in: shards, imageExtensions)
            let expected = ["B.JPG", "a.jpg", "empty.jpg", "even.jpg", TarArchiveTests.longName, "sub/c.png"]
            #expect(names == expected.map { "000000.tar/" + $0 }.sorted())
            #expect(try dataFiles(in: shards, ["xml"]) == ["000000.tar/a.xml"])
            for name in expected where !name.hasPrefix("e") {
                #expect(try readFile(join(shards, "000000.tar/\(name)")) == Data("this is \(name)".utf8))
            }
            #expect(try readFile(join(shards, "000000.tar/empty.jpg")).isEmpty)
            #expect(try readFile(join(shards, "000000.tar/even.jpg")).count == 1024)
        }
    }

    @Test func aMemberThatIsNotThereIsNamed() throws {
        try withShard(format: "gnu") { shards in
            let error = #expect(throws: InputError.self) { try readFile(join(shards, "000000.tar/none.jpg")) }
            #expect(error?.description.contains("000000.tar/none.jpg: no such file in this archive") == true)
        }
    }

    /// A folder may be called so.
    @Test func aFolderWithAnArchivesNameIsAFolder() throws {
        try withTemporaryFolder { folder in
            let path = try write("here", to: "x.tar/a.jpg", in: folder)
            #expect(try readFile(path) == Data("here".utf8))
        }
    }

    @Test func everyPrefixIsReadOrRefused() throws {
        try withShard(format: "pax") { shards in
            let whole = try readFile(join(shards, "000000.tar"))
            for count in stride(from: 1, to: whole.count, by: 211) {
                let folder = join(shards, "cut-\(count)")
                try writeAtomically(whole.prefix(count), to: join(folder, "0.tar"))
                do {
                    _ = try dataFiles(in: folder, imageExtensions)
                } catch let error as InputError {
                    #expect(error.description.contains("0.tar"))
                }
            }
        }
    }

    @Test(arguments: [
        ("garbage", "no tar archive"), ("\u{1F}\u{8B}", "no tar archive"),
    ])
    func whatIsNoArchiveIsRefused(_ text: String, _ problem: String) throws {
        try withTemporaryFolder { folder in
            _ = try write(text + String(repeating: "z", count: 2000), to: "0.tar", in: folder)
            let error = #expect(throws: InputError.self) { try dataFiles(in: folder, imageExtensions) }
            #expect(error?.description.contains(problem) == true, "\(String(describing: error))")
        }
    }

    /// Sizes that lie: each byte of the length set to what does most harm.
    @Test func lyingHeadersAreRefused() throws {
        try withShard(format: "gnu") { shards in
            let whole = try readFile(join(shards, "000000.tar"))
            for (index, value) in [UInt8(0xFF), 0x80, 0x37, 0x20, 0x00, 0x39].enumerated() {
                for place in 124..<136 {
                    var data = whole
                    data[place] = value
                    let sum = data.prefix(512).enumerated().reduce(0) {
                        $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
                    }
                    data.replaceSubrange(148..<154, with: Data(String(format: "%06o", sum).utf8))
                    let folder = join(shards, "lie-\(index)-\(place)")
                    try writeAtomically(data, to: join(folder, "0.tar"))
                    _ = try? dataFiles(in: folder, imageExtensions)
                }
            }
        }
    }
}
