import Foundation
import Reports

#if canImport(FoundationXML)
    import FoundationXML
#endif

/// The elements of a piece of markup, which must be well-formed XML.
final class Elements: NSObject, XMLParserDelegate {
    private var found: [(name: String, attributes: [String: String])] = []
    private(set) var text = ""

    /// Reads markup.
    ///
    /// - Throws: `Malformed`, where an element is not closed or a character not escaped.
    init(of markup: String) throws {
        super.init()
        let parser = XMLParser(data: Data(markup.utf8))
        parser.delegate = self
        guard parser.parse() else { throw Malformed(reason: "line \(parser.lineNumber): \(markup)") }
    }

    convenience init(of html: HTML) throws {
        try self.init(of: html.markup)
    }

    /// The attributes of the elements of one name, in order.
    func all(_ name: String) -> [[String: String]] {
        found.filter { $0.name == name }.map(\.attributes)
    }

    func parser(
        _: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        found.append((name, attributes))
    }

    func parser(_: XMLParser, foundCharacters characters: String) {
        text += characters
    }
}

/// Markup that is not well-formed.
struct Malformed: Error {
    let reason: String
}
