import Reports
import Testing

@Suite struct HTMLTests {
    @Test(arguments: [
        ("a & b", "a &amp; b"), ("<script>", "&lt;script&gt;"),
        ("\"quoted\" 'twice'", "&quot;quoted&quot; &#39;twice&#39;"),
        ("&amp;", "&amp;amp;"), ("two\nlines\tof text", "two\nlines\tof text"), ("Zürich 猫 é", "Zürich 猫 é"),
        ("nul\0bell\u{7}escape\u{1B}", "nul\u{FFFD}bell\u{FFFD}escape\u{FFFD}"), ("", ""),
    ])
    func textIsEscaped(_ text: String, _ markup: String) {
        let html: HTML = "<p>\(text)</p>"
        #expect(html.markup == "<p>\(markup)</p>")
    }

    @Test func markupIsNot() {
        let inner: HTML = "<b>1 &lt; 2</b>"
        let outer: HTML = "<p>\(inner) \(12)</p>"
        #expect(outer.markup == "<p><b>1 &lt; 2</b> 12</p>")
    }

    @Test func piecesComeOnLinesOfTheirOwn() {
        let pieces: [HTML] = ["<i>a</i>", "<i>b</i>"]
        #expect(("<p>\(pieces)</p>" as HTML).markup == "<p><i>a</i>\n<i>b</i></p>")
        #expect(("<p>\([HTML]())</p>" as HTML).markup == "<p></p>")
    }

    @Test func partsOfStringsAreText() {
        let name = "loss_<x>"
        #expect(("\(name.dropFirst(5))" as HTML).markup == "&lt;x&gt;")
    }
}
