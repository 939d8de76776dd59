import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct JSONReaderTests {
    @Test func valuesAreReadInTheirOrder() throws {
        try reading(#" {"a\u00e9": [1, 2.0, -3, 9007199254740993], "skipped": {"x": ["]", "}\""]}, "b": "ö" } "#) {
            reader in
            var (keys, numbers, text) = ([String](), [Int](), "")
            try reader.object { reader, key in
                keys.append(key)
                switch key {
                case "b": text = try reader.string()
                case "skipped": try reader.skip()
                default: try reader.array { reader in numbers.append(try reader.integer()) }
                }
            }
            try reader.end()
            #expect(keys == ["aé", "skipped", "b"] && numbers == [1, 2, -3, 9_007_199_254_740_993] && text == "ö")
        }
    }

    @Test(arguments: [Data([0x22, 0xC3, 0x22]), Data([0x22, 0xFF, 0x5C, 0x6E, 0x22]), Data(#""\q""#.utf8)])
    func textsThatAreNotValidAreRefused(_ json: Data) {
        let said = message {
            try json.withUnsafeBytes { bytes in
                var reader = JSONReader(bytes)
                return try reader.string()
            }
        }
        #expect(said.hasPrefix("line 1, byte 1: an invalid string"), "\(said)")
    }

    @Test func numbersAreThoseOfTheSlowWay() throws {
        for text in ["0", "-0.5", "123.456", "1e-3", "0.1", "0.30000000000000004", "9007199254740993", "473.07", "7E2"]
        {
            let data = Data(text.utf8)
            let value = try data.withUnsafeBytes { bytes in
                var reader = JSONReader(bytes, file: "numbers")
                return try reader.number()
            }
            #expect(value == Double(text))
        }
        for text in ["-", ".", "1-2", "1e999", "--1", "NaN", "1.2.3"] {
            let data = Data(text.utf8)
            let said = message {
                try data.withUnsafeBytes { bytes in
                    var reader = JSONReader(bytes, file: "numbers")
                    return try reader.number()
                }
            }
            #expect(said.contains("is expected here"), "\(text): \(said)")
        }
    }

    @Test(arguments: [
        "019", "-01", "1.", ".5", "1e", "+1", "0x1", "[1 2]", "[1,]", "[,1]", "[1", "[1}", "{\"a\":1]", "{\"a\" 1}",
        "{\"a\":1,}", "{1:2}", "[[1]", "{\"a\":{\"b\":[1}]}", "[tru]", "[\"a]", "[nul]", "[01]", "", "]", "[1]]",
    ])
    func whatIsNoJSONIsNotSkipped(_ text: String) {
        let said = message {
            try Data(text.utf8).withUnsafeBytes { bytes in
                var reader = JSONReader(bytes, file: "text")
                try reader.skip()
                try reader.end()
            }
        }
        #expect(said.hasPrefix("text:line 1, byte "), "\(text): \(said)")
    }

    @Test func soundValuesAreSkippedWhole() throws {
        let tower = String(repeating: "[", count: 200_000) + String(repeating: "]", count: 200_000)
        for text in [
            "0", "-0.5e+10", "[]", "{}", " [ 1 , [ ] , {} ] ", "\"a\\\"]\"", "{\"a\":[null,true,false,NaN,-Infinity]}",
            tower,
        ] {
            try reading(text) { reader in
                let range = try reader.skip()
                #expect(reader.text(of: range) == text.trimmingCharacters(in: .whitespaces))
                try reader.end()
            }
        }
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        try reading("\u{FEFF}[1]") { reader in
            try reader.skip()
            try reader.end()
        }
    }

    @Test func linesOfALongTextAreCountedFromAnyPlace() throws {
        let text = String(repeating: "abc\n", count: 50_000)
        try reading(text) { reader in
            for position in [150_001, 3, 4, 65_536, 199_999, 131_072, 200_000, 0] {
                #expect(reader.line(at: position) == position / 4 + 1)
            }
        }
    }

    private func reading(_ json: String, _ body: (inout JSONReader) throws -> Void) throws {
        try Data(json.utf8).withUnsafeBytes { bytes in
            var reader = JSONReader(bytes, file: "text")
            try body(&reader)
        }
    }
}
