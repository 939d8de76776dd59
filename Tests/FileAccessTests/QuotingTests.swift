import FileAccess
import Testing

@Suite struct QuotingTests {
    @Test func textsFitIntoAMessage() {
        #expect(quoted("cat") == "'cat'")
        #expect(quoted("Kätzchen 猫 🐈") == "'Kätzchen 猫 🐈'")
        #expect(quoted(String(repeating: "x", count: 40)) == "'\(String(repeating: "x", count: 40))'")
        #expect(quoted(String(repeating: "x", count: 1_000_000)) == "'\(String(repeating: "x", count: 40))...'")
        #expect(shortened("abcdef", limit: 3) == "abc...")
    }

    @Test func whatDisturbsATerminalIsEscaped() {
        #expect(quoted("a\nb\u{1B}[31m\0\u{202E}c\u{85}") == "'a\\u{a}b\\u{1b}[31m\\u{0}\\u{202e}c\\u{85}'")
        let zalgo = "a" + String(repeating: "\u{301}", count: 5000)
        #expect(quoted(zalgo).unicodeScalars.count < 50)
    }
}
