package import FileAccess

/// Writes an instances file of COCO record by record, so that any number of objects takes no memory; complete or absent.
///
/// - Parameters:
///   - images: the records of `images`.
///   - categories: the records of `categories`.
///   - body: appends the records of `annotations` one after the other.
/// - Throws: `InputError` naming the file and why it cannot be written, and what `body` throws.
package func writeCOCOInstances(
    to path: String, images: some Sequence<COCOInstances.Image>, categories: some Sequence<COCOInstances.Category>,
    annotations body: (inout JSONArrayWriter) throws -> Void
) throws {
    try writeAtomically(to: path) { file in
        try file.append("{\"images\":")
        try file.appendJSONArray { array in for image in images { try array.append(image.json) } }
        try file.append(",\n\"categories\":")
        try file.appendJSONArray { array in for category in categories { try array.append(category.json) } }
        try file.append(",\n\"annotations\":")
        try file.appendJSONArray(body)
        try file.append("}\n")
    }
}

/// An object with a mask that is written to an instances file: a record of `annotations`.
package struct InstanceRecord: Sendable {
    package var id: Int
    package var image: Int
    package var category: Int
    /// Of the image's size; box and area are the mask's own.
    package var mask: RunLengths

    /// An object; `image` and `category` are ids of these.
    package init(id: Int, image: Int, category: Int, mask: RunLengths) {
        (self.id, self.image, self.category, self.mask) = (id, image, category, mask)
    }
}

/// A JSON array that is being written, one element a line.
package struct JSONArrayWriter {
    private let file: FileWriter
    private var separator = "["

    fileprivate init(_ file: FileWriter) { self.file = file }

    /// Appends an element's JSON.
    ///
    /// - Throws: `InputError` naming the file and why it cannot be written.
    package mutating func append(_ element: String) throws {
        try file.append(separator)
        try file.append(element)
        separator = ",\n"
    }

    /// Appends a record of `annotations`.
    ///
    /// - Throws: `InputError` naming the file and why it cannot be written.
    package mutating func append(_ record: InstanceRecord) throws { try append(record.json) }

    fileprivate func end() throws { try file.append(separator == "[" ? "[]" : "]") }
}

extension FileWriter {
    /// Appends a JSON array, whose elements `body` writes one after the other.
    ///
    /// - Throws: `InputError` naming the file and why it cannot be written, and what `body` throws.
    package func appendJSONArray(_ body: (inout JSONArrayWriter) throws -> Void) throws {
        var array = JSONArrayWriter(self)
        try body(&array)
        try array.end()
    }
}

// MARK: - Records

extension COCOInstances.Image {
    fileprivate var json: String {
        get throws {
            "{\"id\":\(id),\"file_name\":\(try jsonText(fileName)),\"width\":\(width),\"height\":\(height)}"
        }
    }
}

extension COCOInstances.Category {
    fileprivate var json: String {
        get throws { "{\"id\":\(id),\"name\":\(try jsonText(name))}" }
    }
}

extension InstanceRecord {
    fileprivate var json: String {
        let box = mask.bounds
        return "{\"id\":\(id),\"image_id\":\(image),\"category_id\":\(category),\"iscrowd\":0,\"area\":\(mask.area),"
            + "\"bbox\":[\(box.x),\(box.y),\(box.width),\(box.height)],\"segmentation\":\(mask.json)}"
    }
}

extension InstanceResult {
    /// The record of a results file, on one line.
    package var json: String {
        let score = Int(exactly: score).map(String.init) ?? "\(score)"
        return "{\"image_id\":\(image),\"category_id\":\(category),\"segmentation\":\(mask.json),\"score\":\(score)}"
    }
}

extension RunLengths {
    /// `{"size":[height,width],"counts":"..."}`, the counts as COCO's compressed text.
    fileprivate var json: String {
        "{\"size\":[\(height),\(width)],\"counts\":\"\(text.replacing("\\", with: "\\\\"))\"}"
    }
}
