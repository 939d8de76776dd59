import FileAccess
import Foundation
import FoundationXML

/// Collects the size and the objects of a VOC annotation while its XML is read.
final class VOCParser: NSObject, XMLParserDelegate {
    private(set) var size: (width: Int, height: Int)?
    private(set) var objects: [VOCAnnotation.Object] = []

    private let file: String
    /// The elements that are open, the root first.
    private var path: [String] = []
    private var isComplete = false
    private var text = ""
    /// Contents of the fields of the current object or size, by their path below it.
    private var fields: [String: String] = [:]
    /// Line in which the current object or size begins.
    private var firstLine = 0
    private var problems: [InputError] = []
    private var isOther = false

    init(file: String) {
        self.file = file
    }

    /// Reads the whole document; `report` is given an error for each object that has to be left out.
    ///
    /// - Throws: `InputError` with its line where the document breaks off or is of another kind, and what `report`
    ///   throws.
    func parse(_ data: Data, report: (Diagnostic) throws -> Void) throws {
        let parser = XMLParser(data: data)
        parser.delegate = self
        let isWellFormed = parser.parse()
        for problem in problems { try report(Diagnostic(.error, problem)) }
        if isOther { return }
        // Foundation takes some broken files, and those that end too early, for good ones: the root must have closed.
        guard isWellFormed && isComplete else {
            throw InputError("damaged or cut-off XML", remedy: "get the file again")
                .inLine(max(parser.lineNumber, 1), of: file)
        }
    }

    func parser(
        _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
        if path.isEmpty && name != "annotation" {
            problems.append(invalid("<\(name)> where a VOC <annotation> is expected", parser.lineNumber))
            isOther = true
            parser.abortParsing()
        }
        path.append(name)
        text = ""
        if path.count == 2 { (fields, firstLine) = ([:], parser.lineNumber) }
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        text += string
    }

    func parser(_ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?) {
        if isOther { return }
        do throws(InputError) {
            try close(line: parser.lineNumber)
        } catch {
            problems.append(error)
        }
        _ = path.popLast()
        isComplete = path.isEmpty
    }

    private func close(line: Int) throws(InputError) {
        let field = path.dropFirst(2).joined(separator: "/")
        switch path {
        case ["annotation", "object"]: objects.append(try object())
        case ["annotation", "size"]: size = try statedSize()
        case _ where isInObjectOrSize && VOCParser.known.contains(field):
            if fields[field] != nil { throw invalid("a second <\(field)>", line) }
            fields[field] = text.trimmingCharacters(in: .whitespacesAndNewlines)
        default: break
        }
    }

    private var isInObjectOrSize: Bool { path.count > 2 && (path[1] == "object" || path[1] == "size") }

    /// The fields of an object or a size, by their path below it; others, an object's parts among them, are skipped.
    private static let known: Set = [
        "name", "difficult", "bndbox/xmin", "bndbox/ymin", "bndbox/xmax", "bndbox/ymax", "width", "height",
    ]

    private func object() throws(InputError) -> VOCAnnotation.Object {
        guard let name = fields["name"], !name.isEmpty else { throw invalid("an object without <name>", firstLine) }
        let box = Box(
            left: try number("bndbox/xmin"), top: try number("bndbox/ymin"),
            right: try number("bndbox/xmax"), bottom: try number("bndbox/ymax"))
        return VOCAnnotation.Object(name: name, box: box, isDifficult: fields["difficult"] == "1", line: firstLine)
    }

    /// The size in whole pixels; `nil` where it is 0, as tools write that do not know it.
    private func statedSize() throws(InputError) -> (width: Int, height: Int)? {
        let (width, height) = (try number("width"), try number("height"))
        guard let width = Int(exactly: width), let height = Int(exactly: height) else {
            throw invalid("a size of \(width)x\(height) pixels", firstLine)
        }
        return width > 0 && height > 0 ? (width, height) : nil
    }

    private func number(_ field: String) throws(InputError) -> Double {
        guard let text = fields[field] else { throw invalid("no <\(field)>", firstLine) }
        guard let value = Double(text), value.isFinite else {
            throw invalid("<\(field)> is '\(text)', not a number", firstLine)
        }
        return value
    }

    private func invalid(_ problem: String, _ line: Int) -> InputError {
        InputError(problem, remedy: "correct the annotation").inLine(line, of: file)
    }
}
