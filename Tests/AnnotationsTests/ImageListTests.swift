import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct ImageListTests {
    private func read(_ text: String) throws -> ImageList {
        try withTemporaryFolder { try ImageList(contentsOf: write(text, to: "list.txt", in: $0)) }
    }

    /// What is reported while a list is read as far as it goes.
    private func diagnostics(_ text: String) throws -> [Diagnostic] {
        var found: [Diagnostic] = []
        try withTemporaryFolder { folder in
            _ = try ImageList(contentsOf: write(text, to: "list.txt", in: folder)) { found.append($0) }
        }
        return found
    }

    /// The message without the folder's name.
    private func problem(_ text: String) -> String {
        String(message { try read(text) }.split(separator: "/", omittingEmptySubsequences: false).last ?? "")
    }

    @Test func idsKeepTheirOrder() throws {
        #expect(try read("2007_000033\n2007_000032\n").ids == ["2007_000033", "2007_000032"])
        #expect(try read("one").ids == ["one"])
    }

    @Test func windowsLinesBlankLinesAndMarginsAreSkipped() throws {
        let text = "\u{FEFF}one\r\n\r\n  two \t\r\n\n\nmy photo.1\r\n"
        #expect(try read(text).ids == ["one", "two", "my photo.1"])
        #expect(try diagnostics(text).isEmpty)
    }

    @Test func repeatedIdsAreKeptWithAWarning() throws {
        let text = "one\ntwo\r\none\n"
        #expect(try read(text).ids == ["one", "two", "one"])
        let found = try diagnostics(text)
        #expect(found.map(\.severity) == [.warning])
        #expect(found.map(\.finding.problem) == ["'one' is in line 1 already"])
        #expect(found.map(\.finding.place) == ["line 3"])
    }

    @Test func anEmptyListIsAnError() {
        #expect(problem("\r\n \n") == "list.txt: no image in this list; write one image id a line")
        #expect(problem("").hasPrefix("list.txt: no image"))
    }

    @Test(arguments: ["../secret", "..", "a..b", "/etc/passwd", "a/b", "a\0b"])
    func idsThatLeadElsewhereAreRefused(id: String) {
        let text = message { try read("good\n\(id)\n") }
        #expect(text.contains("list.txt:line 2: image id \(quoted(id)) is not a plain name"))
    }

    @Test func classListsOfImageSetsMainAreTold() throws {
        let expected = "list.txt: a class's list, as in VOC's ImageSets/Main: each id has -1, 0 or 1 beside it; "
        for text in ["2008_000001 -1\n2008_000002  1\n2008_000003  0\n", "2008_000001 -1\n"] {
            #expect(message { try read(text) }.contains(expected))
        }
        // Names of photos may end in such numbers.
        #expect(try read("IMG 0\nIMG 1\n").ids == ["IMG 0", "IMG 1"])
        #expect(try read("IMG 1\n").ids == ["IMG 1"])
        #expect(try read("a 1\nb 2\n").ids == ["a 1", "b 2"])
    }

    @Test func aMissingListAndABinaryOneAreErrors() throws {
        #expect(
            message { try ImageList(contentsOf: "/nowhere/train.txt") }
                == "/nowhere/train.txt: cannot read: No such file or directory")
        try withTemporaryFolder { folder in
            let path = join(folder, "list.txt")
            try writeAtomically(Data([0x89, 0xFF, 0xFE, 0x0A]), to: path)
            #expect(message { try ImageList(contentsOf: path) }.contains("not a text file (UTF-8)"))
        }
    }
}
