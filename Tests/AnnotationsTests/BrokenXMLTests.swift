import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

/// Files of boxes that are no sound XML: each is refused with its line, and no object is lost without a word.
@Suite struct BrokenXMLTests {
    private static let object = """
        <object>
        <name>cat</name>
        <bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax><ymax>9</ymax></bndbox>
        </object>

        """

    private func said(_ data: Data) -> String {
        message { try VOCAnnotation(decoding: data, file: "a.xml") }
    }

    private func said(_ text: String) -> String { said(Data(text.utf8)) }

    /// A document with bytes in the third line that are no UTF-8: the GBK of two characters.
    private func strange(_ before: String, _ after: String, head: String = "") -> Data {
        Data("\(head)<annotation>\n\(Self.object)\n".utf8) + Data(before.utf8) + Data([0xC4, 0xE3, 0xBA, 0xC3])
            + Data("\(after)\n</annotation>".utf8)
    }

    @Test(arguments: [
        ("<!-- ", " -->"), ("<?", "?>"), ("<?a ", "?>"), ("<", "/>"), ("<a ", "=\"1\"/>"), ("<a b=\"", "\"/>"),
        ("<folder>", "</folder>"), ("", ""), ("<![CDATA[", "]]>"), ("</", ">"), ("&", ";"),
    ])
    func bytesOfAnotherEncodingAreToldWithTheirLine(before: String, after: String) {
        let undeclared = said(strange(before, after))
        #expect(undeclared.hasPrefix("a.xml:line 7: bytes that are no character in UTF-8; save it as UTF-8, or"))
        let declared = said(strange(before, after, head: "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"))
        #expect(declared.hasPrefix("a.xml:line 8: bytes that are no character in UTF-8, the encoding it states"))
    }

    @Test func theSmallestFilesThatCrashed() {
        #expect(said(Data([0x3C, 0xFF, 0x20, 0x20])).hasPrefix("a.xml:line 1: bytes that are no character in UTF-8"))
        #expect(said(Data([0xFF])).hasPrefix("a.xml:line 1: "))
        #expect(said(Data([0x3C])).hasPrefix("a.xml:line 1: cut-off XML"))
    }

    @Test func bytesThatTheStatedEncodingLacksAreTold() {
        let start =
            "<?xml version=\"1.0\" encoding=\"GBK\"?>\n<annotation>\n" + String(repeating: Self.object, count: 300)
        let text = Data(start.utf8) + Data("<a>".utf8) + Data([0xFF, 0xFF]) + Data("</a>\n</annotation>".utf8)
        #expect(said(text).hasPrefix("a.xml:line 1203: bytes that are no character in GBK, the encoding it states;"))
        let after = Data((start + "</annotation>\n").utf8) + Data([0xFF, 0xFF])
        #expect(said(after).hasPrefix("a.xml:line 1204: bytes that are no character in GBK"))
    }

    @Test(arguments: [
        ("</object>\n", "line 6: </object> where <annotation> is open; close each element once"),
        (
            "<object>\n<bndbox></bndbox></bndbox></object><object>\n</object>",
            "line 7: </bndbox> where <object> is open"
        ),
        ("</annotation>\n<annotation>", "line 7: something after the end of the root; one file is one annotation"),
        ("</annotation>\nmore", "line 7: something after the end of the root"),
        ("<folder>a & b</folder>", "line 6: a bare '&'; write &amp; for it"),
        ("<folder>a &b c</folder>", "line 6: a bare '&'; write &amp; for it"),
        ("<folder a=\"b & c\"/>", "line 6: a bare '&'; write &amp; for it"),
        ("<folder>a&nbsp;b</folder>", "line 6: &nbsp; is none of XML's own entities; write the text that"),
        ("<folder>a < b</folder>", "line 6: a '<' that begins no tag; write &lt; for it"),
        ("<folder>a\u{0}b</folder>", "line 6: bytes that are no character"),
        ("<folder>a\u{1}b</folder>", "line 6: bytes that are no character"),
        ("<a b=\"1\" b=\"2\"/>", "line 6: damaged XML: Attribute b redefined"),
        ("<Object></object>", "line 6: </object> where <Object> is open"),
    ])
    func whatBreaksOffTheObjectsIsToldWhereItIs(_ insertion: String, _ expected: String) {
        let text = "<annotation>\n\(Self.object)\(insertion)\n\(Self.object)</annotation>"
        #expect(said(text).hasPrefix("a.xml:" + expected), "\(said(text))")
    }

    @Test(arguments: ["", " \n\t\n "])
    func anEmptyFileIsToldAsThat(_ text: String) {
        #expect(said(text).contains(": an empty file; get the file again"))
    }

    @Test func zerosAreNoXML() {
        #expect(
            said(Data(count: 4096)) == "a.xml:line 1: no XML: it does not begin with an element; get the file again")
        let padded = Data("<annotation>\n\(Self.object)</annotation>\n".utf8) + Data(count: 64)
        #expect(said(padded).hasPrefix("a.xml:line 7: something after the end of the root"))
    }

    @Test func anUnknownEncodingIsNamed() {
        #expect(
            said("<?xml version=\"1.0\" encoding=\"klingon\"?>\n<annotation/>")
                == "a.xml:line 1: unknown encoding 'klingon'; save it as UTF-8, and let its first line say so")
        #expect(
            said("<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n<annotation/>")
                .hasPrefix("a.xml:line 1: it states an encoding that it is not in"))
    }

    @Test func everyPrefixIsRefused() throws {
        let head = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- ä -->"
        let text = "\(head)<annotation>\n<size><width>9</width><height>9</height></size>\n\(Self.object)</annotation>"
        for encoding in [String.Encoding.utf8, .utf16] {
            let whole = try #require(
                text.replacing("UTF-8", with: encoding == .utf8 ? "UTF-8" : "UTF-16").data(using: encoding))
            #expect(try VOCAnnotation(decoding: whole, file: "a.xml").objects.count == 1)
            for length in 0..<whole.count {
                let said = said(whole.prefix(length))
                #expect(said.hasPrefix("a.xml:line "), "\(length) bytes: \(said)")
            }
        }
    }

    @Test func bombsAndTowersAreRefusedAtOnce() {
        let tenfold = (1...9).map { "<!ENTITY e\($0) \"\(String(repeating: "&e\($0 - 1);", count: 10))\">" }.joined()
        let laughs = "<!DOCTYPE annotation [<!ENTITY e0 \"0123456789\">\(tenfold)]>"
        #expect(said("\(laughs)<annotation>&e9;</annotation>").contains("&e9; is none of XML's own entities"))
        #expect(said("\(laughs)<annotation a=\"&e9;\"/>").contains("&e9; is none of XML's own entities"))
        let tower = (open: String(repeating: "<a>", count: 100_000), close: String(repeating: "</a>", count: 100_000))
        #expect(
            said("<annotation>\(tower.open)\(tower.close)</annotation>").contains("too many elements in each other"))
        #expect(said("<annotation>\(tower.open)").contains("too many elements in each other"))
    }

    @Test func mutantsAreReadOrRefused() {
        let seeds = [
            Data("<?xml version=\"1.0\"?>\n<annotation>\n\(Self.object)\(Self.object)</annotation>".utf8),
            Data("<!DOCTYPE a [<!ENTITY b \"c\">]><annotation><!-- d --><e f=\"&#65;\">&amp;</e></annotation>".utf8),
            strange("<!-- ", " -->", head: "<?xml version=\"1.0\" encoding=\"GBK\"?>"),
            "<?xml version=\"1.0\" encoding=\"UTF-16\"?><annotation>\n\(Self.object)</annotation>".data(using: .utf16)
                ?? Data(),
        ]
        var (state, counts) = (UInt64(16), (sound: 0, refused: 0))
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for number in 0..<10_000 {
            var bytes = [UInt8](seeds[number % seeds.count])
            for _ in 0...random(3) where !bytes.isEmpty {
                let place = random(bytes.count)
                switch random(4) {
                case 0: bytes[place] = UInt8(random(256))
                case 1: bytes.removeSubrange(place..<min(bytes.count, place + 1 + random(20)))
                case 2: bytes.insert(contentsOf: bytes[random(place + 1)...place], at: place)
                default: bytes.removeSubrange(place...)
                }
            }
            let said = said(Data(bytes))
            if said == "no error" { counts.sound += 1 } else { counts.refused += 1 }
            #expect(said == "no error" || said.hasPrefix("a.xml:line "), "\(bytes): \(said)")
        }
        #expect(counts.sound > 20 && counts.refused > 5000, "\(counts)")
    }
}
