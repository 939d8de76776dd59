import FileAccess

/// The three lists of an instances file while they are read.
struct Contents {
    var images: [COCOInstances.Image] = []
    var categories: [COCOInstances.Category] = []
    var objects: [COCOInstances.Object] = []
    /// The first annotation of an image that has to be left out, by the image's number.
    var faults: [Int: InputError] = [:]
    private var found: Set<String> = []

    /// Reads the whole file, whatever the order of its lists.
    ///
    /// - Parameters:
    ///   - report: is given an error for each image or annotation that has to be left out.
    ///   - refuse: is given one for each category, without which no class has its number.
    mutating func read(
        _ reader: inout JSONReader, _ report: (Diagnostic) throws -> Void, _ refuse: (InputError) throws -> Void
    ) throws {
        try reader.object { reader, key in
            found.insert(key)
            switch key {
            case "images":
                try reader.records(key, { problem, _ in try report(problem) }) { images.append(try $0.image()) }
            case "categories":
                try reader.records(key, { problem, _ in try refuse(problem.finding) }) {
                    categories.append(try $0.category())
                }
            case "annotations":
                let note = { (problem: Diagnostic, image: Int?) in
                    if let image { faults[image] = faults[image] ?? problem.finding }
                    try report(problem)
                }
                try reader.records(key, note) { objects.append(try $0.instance()) }
            default: try reader.skip()
            }
        }
        try reader.end()
        for key in ["images", "annotations", "categories"] where !found.contains(key) {
            throw reader.problem("there is no list \"\(key)\": this is no instances file of COCO", at: 0)
        }
    }
}

extension JSONReader {
    /// Reads a list record by record; one that is wrong is reported, with its `image_id`, and left out.
    ///
    /// - Throws: `InputError` if none of them can be used.
    fileprivate mutating func records(
        _ list: String, _ report: (Diagnostic, _ image: Int?) throws -> Void,
        _ record: (inout JSONReader) throws -> Void
    ) throws {
        var (count, faults, problems) = (0, 0, Diagnostics())
        try array { reader in
            _ = reader.peek()
            let start = reader.position
            do {
                try record(&reader)
            } catch {
                // A file that ends here cannot be read further; skipping says so.
                reader.rewind(to: start)
                try reader.skip()
                let image = reader.number("image_id", ofRecordAt: start)
                try problems.add(reader.problem(error, inRecord: count, at: start, of: list)) { try report($0, image) }
                faults += 1
            }
            count += 1
        }
        if faults == count, let first = problems.first { throw first.none(of: list, count) }
    }

    /// The error of a record: its line, and its number or else its place in the list.
    private func problem(_ error: any Error, inRecord place: Int, at start: Int, of list: String) -> InputError {
        let fault = error as? FieldFault
        var finding = problem(fault?.problem ?? (error as? InputError)?.problem ?? "\(error)", at: start)
        let name =
            number("id", ofRecordAt: start).map { "\(list == "categories" ? "category" : "\(list.dropLast())") \($0)" }
            ?? "\(list)[\(place)]"
        finding.place = "line \(line(at: fault?.position ?? start)), \(name)"
        finding.remedy = "correct the record"
        return finding
    }

    /// A field of a record that is a whole number; `nil` where it is none.
    private func number(_ name: String, ofRecordAt start: Int) -> Int? {
        var (copy, number): (JSONReader, Int?) = (self, nil)
        copy.rewind(to: start)
        try? copy.object { reader, key in
            if key == name { number = try reader.integer() } else { try reader.skip() }
        }
        return number
    }

    private func missing(_ fields: [(name: String, isThere: Bool)], at start: Int) -> FieldFault {
        let names = fields.filter { !$0.isThere }.map { "\"\($0.name)\"" }
        return FieldFault(problem: "no " + names.joined(separator: ", no "), position: start)
    }

    fileprivate mutating func image() throws -> COCOInstances.Image {
        let start = position
        var (id, name, width, height): (Int?, String?, Int, Int) = (nil, nil, 0, 0)
        try object { reader, key in
            switch key {
            case "id": id = try reader.wholeNumber(key)
            case "file_name": name = try reader.fileName(key)
            case "width": width = try reader.side()
            case "height": height = try reader.side()
            default: try reader.skip()
            }
        }
        guard let id, let name else { throw missing([("id", id != nil), ("file_name", name != nil)], at: start) }
        return COCOInstances.Image(id: id, fileName: name, width: width, height: height)
    }

    fileprivate mutating func category() throws -> COCOInstances.Category {
        let start = position
        var (id, name): (Int?, String?)
        try object { reader, key in
            switch key {
            case "id": id = try reader.wholeNumber(key)
            case "name" where reader.peek() == "\"": name = try reader.text(key)
            default: try reader.skip()
            }
        }
        guard let id else { throw missing([("id", false)], at: start) }
        return COCOInstances.Category(id: id, name: name ?? "")
    }

    fileprivate mutating func instance() throws -> COCOInstances.Object {
        let start = position
        var (id, image, category): (Int?, Int?, Int?)
        var (box, area, isCrowd, segmentation): (Box?, Double?, Bool, Range<Int>?) = (nil, nil, false, nil)
        try object { reader, key in
            switch key {
            case "id": id = try reader.wholeNumber(key)
            case "image_id": image = try reader.wholeNumber(key)
            case "category_id": category = try reader.wholeNumber(key)
            case "bbox": box = try reader.box()
            case "area": area = try reader.optional { try $0.number() }
            case "iscrowd": isCrowd = try reader.flag(key)
            case "segmentation": segmentation = try reader.shape()
            default: try reader.skip()
            }
        }
        guard let id, let image, let category else {
            let fields = [("id", id != nil), ("image_id", image != nil), ("category_id", category != nil)]
            throw missing(fields, at: start)
        }
        return COCOInstances.Object(
            id: id, image: image, category: category, box: box, area: area, isCrowd: isCrowd,
            record: start..<position, segmentation: segmentation)
    }
}
