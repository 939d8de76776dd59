import FileAccess
import Foundation

/// Collects the size and the objects of a VOC annotation while its XML is read.
final class VOCParser: XMLHandler {
    private(set) var size: (width: Int, height: Int)?
    private(set) var objects: [VOCAnnotation.Object] = []
    /// The file of the image, as it is written.
    private(set) var imageName: String?
    /// The names of all objects, also of those that have to be left out.
    private(set) var names: [String] = []
    /// The first object that has none.
    private(set) var nameless: InputError?

    private let file: String
    /// The elements that are open, the root first.
    private var path: [String] = []
    private var text: [UInt8] = []
    /// Contents of the fields of the current object or size, by their path below it.
    private var fields: [String: String] = [:]
    /// Line in which the current object or size begins.
    private var firstLine = 0
    /// What is wrong with the current object or size.
    private var fault: InputError?
    private var problems: [InputError] = []
    private var other: InputError?

    init(file: String) {
        self.file = file
    }

    /// Reads the whole document; `report` is given an error for each object, or size, that has to be left out.
    ///
    /// - Throws: `InputError` with its line where the document is no sound XML or of another kind, and what `report`
    ///   throws.
    func parse(_ data: Data, report: (Diagnostic) throws -> Void) throws {
        let damage: InputError?
        do throws(InputError) {
            try readXML(data, self)
            damage = nil
        } catch {
            damage = error.inFile(file)
        }
        if let other { throw other }
        for problem in problems { try report(Diagnostic(.error, problem)) }
        if let damage { throw damage }
    }

    func begin(_ name: String, line: Int) {
        if path.isEmpty && name != "annotation" { other = otherRoot(name, line) }
        if isInObjectOrSize && VOCParser.known.contains(field) {
            fault = fault ?? invalid("<\(shortened(name))> within <\(field)>", line)
        }
        path.append(name)
        text = []
        if path.count == 2 { (fields, firstLine, fault) = ([:], line, nil) }
    }

    func text(_ bytes: UnsafeRawBufferPointer) {
        if isInObjectOrSize || path == VOCParser.imageField { text += bytes }
    }

    func end(line: Int) {
        close(line: line)
        _ = path.popLast()
    }

    private func close(line: Int) {
        switch path {
        case ["annotation", "object"]:
            noteName()
            if let object = attempt(object) { objects.append(object) }
        case VOCParser.imageField:
            imageName = String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        case ["annotation", "size"]:
            size = attempt(statedSize) ?? nil
        case _ where isInObjectOrSize && VOCParser.known.contains(field):
            if fields[field] != nil { fault = fault ?? invalid("a second <\(field)>", line) }
            let text = String(decoding: text, as: UTF8.self)
            fields[field] = fields[field] ?? text.trimmingCharacters(in: .whitespacesAndNewlines)
        default: break
        }
    }

    /// What `body` makes of the fields; `nil`, and a problem more, where something is wrong with them.
    private func attempt<Result>(_ body: () throws(InputError) -> Result) -> Result? {
        do throws(InputError) {
            if let fault { throw fault }
            return try body()
        } catch {
            problems.append(error)
            return nil
        }
    }

    private var field: String { path.dropFirst(2).joined(separator: "/") }

    private var isInObjectOrSize: Bool { path.count > 2 && (path[1] == "object" || path[1] == "size") }

    /// The fields of an object or a size, by their path below it; others, an object's parts among them, are skipped.
    private static let known: Set = [
        "name", "difficult", "bndbox/xmin", "bndbox/ymin", "bndbox/xmax", "bndbox/ymax", "width", "height",
    ]

    private static let imageField = ["annotation", "filename"]

    private func noteName() {
        if let name = fields["name"], !name.isEmpty { names.append(name) } else { nameless = nameless ?? withoutName }
    }

    private var withoutName: InputError { invalid("an object without <name>", firstLine) }

    private func object() throws(InputError) -> VOCAnnotation.Object {
        guard let name = fields["name"], !name.isEmpty else { throw withoutName }
        let box = Box(
            left: try number("bndbox/xmin"), top: try number("bndbox/ymin"),
            right: try number("bndbox/xmax"), bottom: try number("bndbox/ymax"))
        return VOCAnnotation.Object(name: name, box: box, isDifficult: fields["difficult"] == "1", line: firstLine)
    }

    /// The size in whole pixels; `nil` where a side is missing, empty or 0, as tools write that do not know it.
    private func statedSize() throws(InputError) -> (width: Int, height: Int)? {
        guard fields["width", default: ""] != "", fields["height", default: ""] != "" else { return nil }
        let (width, height) = (try number("width"), try number("height"))
        guard let width = Int(exactly: width), let height = Int(exactly: height) else {
            throw invalid("a size of \(width)x\(height) pixels", firstLine)
        }
        return width > 0 && height > 0 ? (width, height) : nil
    }

    private func number(_ field: String) throws(InputError) -> Double {
        guard let text = fields[field] else { throw invalid("no <\(field)>", firstLine) }
        guard let value = Double(text), value.isFinite else {
            throw invalid("<\(field)> is \(quoted(text)), not a number", firstLine)
        }
        return value
    }

    private func otherRoot(_ name: String, _ line: Int) -> InputError {
        let kind = name == "annotations" ? " (CVAT's XML has such a root: export it as PASCAL VOC or COCO)" : ""
        return invalid("<\(shortened(name))> where a VOC <annotation> is expected" + kind, line)
    }

    private func invalid(_ problem: String, _ line: Int) -> InputError {
        InputError(problem, remedy: "correct the annotation").inLine(line, of: file)
    }
}
