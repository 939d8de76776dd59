import Annotations
import FileAccess
import Foundation
import TestSupport
import Testing

/// Files of boxes in the encodings that tools write.
@Suite struct XMLEncodingTests {
    private func name(_ data: Data) throws -> [String] {
        try VOCAnnotation(decoding: data, file: "a.xml").names
    }

    private func document(_ name: String, _ encoding: String?) -> String {
        let head = encoding.map { "<?xml version=\"1.0\" encoding=\"\($0)\"?>\n" } ?? ""
        return head + "<annotation><object><name>\(name)</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>9</xmax>"
            + "<ymax>9</ymax></bndbox></object></annotation>"
    }

    @Test func unicodeIsReadWithAndWithoutMark() throws {
        let mark = Data([0xEF, 0xBB, 0xBF])
        for encoding in [nil, "UTF-8", "utf-8", "utf8"] {
            let text = Data(document("Kätzchen 猫", encoding).utf8)
            #expect(try name(text) == ["Kätzchen 猫"])
            #expect(try name(mark + text) == ["Kätzchen 猫"])
        }
        for encoding in [String.Encoding.utf16LittleEndian, .utf16BigEndian] {
            let text = document("Kätzchen 猫", "UTF-16")
            #expect(try name(try #require(text.data(using: encoding))) == ["Kätzchen 猫"])
            #expect(try name(try #require("\u{FEFF}\(text)".data(using: encoding))) == ["Kätzchen 猫"])
        }
    }

    @Test(arguments: [
        ("ISO-8859-1", "K\u{E4}tzchen", [0x4B, 0xE4, 0x74, 0x7A, 0x63, 0x68, 0x65, 0x6E] as [UInt8]),
        ("windows-1252", "€", [0x80]),
        ("GBK", "你好", [0xC4, 0xE3, 0xBA, 0xC3]),
        ("gb2312", "你好", [0xC4, 0xE3, 0xBA, 0xC3]),
        ("GB18030", "你好", [0xC4, 0xE3, 0xBA, 0xC3]),
        ("Shift_JIS", "日本", [0x93, 0xFA, 0x96, 0x7B]),
        ("EUC-JP", "日本", [0xC6, 0xFC, 0xCB, 0xDC]),
        ("Big5", "日本", [0xA4, 0xE9, 0xA5, 0xBB]),
        ("EUC-KR", "한국", [0xC7, 0xD1, 0xB1, 0xB9]),
        ("KOI8-R", "кот", [0xCB, 0xCF, 0xD4]),
    ])
    func statedEncodingsAreRead(encoding: String, expected: String, bytes: [UInt8]) throws {
        let parts = document("|", encoding).split(separator: "|").map { Data($0.utf8) }
        #expect(try name(parts[0] + Data(bytes) + parts[1]) == [expected])
    }

    @Test func ownEntitiesAndCDATAAreText() throws {
        #expect(try name(Data(document("a&amp;b &lt;&#65;&#x42;&gt;", nil).utf8)) == ["a&b <AB>"])
        #expect(try name(Data(document("<![CDATA[a & b]]>c<!-- d -->e", nil).utf8)) == ["a & bce"])
        let declared = "<!DOCTYPE annotation SYSTEM \"http://localhost/none.dtd\">\n" + document("cat", nil)
        #expect(try name(Data(declared.utf8)) == ["cat"])
    }
}
