import FileAccess

/// The three lists of an instances file while they are read.
struct Contents {
    var images: [COCOInstances.Image] = []
    var categories: [COCOInstances.Category] = []
    var objects: [COCOInstances.Object] = []
    private var found: Set<String> = []

    /// Reads the whole file, whatever the order of its lists.
    mutating func read(_ reader: inout JSONReader, _ report: (Diagnostic) throws -> Void) throws {
        try reader.object { reader, key in
            found.insert(key)
            switch key {
            case "images": try records(&reader, report) { images.append(try $0.image()) }
            case "categories": try records(&reader, report) { categories.append(try $0.category()) }
            case "annotations": try records(&reader, report) { objects.append(try $0.instance()) }
            default: try reader.skip()
            }
        }
        try reader.end()
        for key in ["images", "annotations", "categories"] where !found.contains(key) {
            throw reader.problem("there is no list \"\(key)\": this is no instances file of COCO", at: 0)
        }
    }
}

/// Reads a list record by record; one that is wrong is reported and left out.
private func records(
    _ reader: inout JSONReader, _ report: (Diagnostic) throws -> Void, _ record: (inout JSONReader) throws -> Void
) throws {
    try reader.array { reader in
        _ = reader.peek()
        let start = reader.position
        do {
            try record(&reader)
        } catch let error as InputError {
            // A file that ends here cannot be read further; skipping says so.
            reader.rewind(to: start)
            try reader.skip()
            try report(Diagnostic(.error, error))
        }
    }
}

extension JSONReader {
    fileprivate mutating func image() throws -> COCOInstances.Image {
        let start = position
        var (id, name, width, height): (Int?, String?, Int?, Int?)
        try object { reader, key in
            switch key {
            case "id": id = try reader.integer()
            case "file_name": name = try reader.string()
            case "width": width = try reader.integer()
            case "height": height = try reader.integer()
            default: try reader.skip()
            }
        }
        guard let id, let name, let width, let height else {
            throw problem("an image without id, file_name, width or height", at: start)
        }
        if let problem = imageIDProblem(name) { throw located(problem, at: start, "image \(id)") }
        guard (1...65_535).contains(width), (1...65_535).contains(height) else {
            throw located(InputError("an image of \(width)x\(height) pixels"), at: start, "image \(id)")
        }
        return COCOInstances.Image(id: id, fileName: name, width: width, height: height)
    }

    fileprivate mutating func category() throws -> COCOInstances.Category {
        let start = position
        var (id, name): (Int?, String?)
        try object { reader, key in
            switch key {
            case "id": id = try reader.integer()
            case "name": name = try reader.string()
            default: try reader.skip()
            }
        }
        guard let id, let name else { throw problem("a category without id or name", at: start) }
        return COCOInstances.Category(id: id, name: name)
    }

    fileprivate mutating func instance() throws -> COCOInstances.Object {
        let start = position
        var (id, image, category): (Int?, Int?, Int?)
        var (box, area, isCrowd, segmentation): (Box?, Double?, Bool, Range<Int>?) = (nil, nil, false, nil)
        try object { reader, key in
            switch key {
            case "id": id = try reader.integer()
            case "image_id": image = try reader.integer()
            case "category_id": category = try reader.integer()
            case "bbox": box = try reader.box()
            case "area": area = try reader.number()
            case "iscrowd": isCrowd = try reader.flag()
            case "segmentation": segmentation = try reader.skip()
            default: try reader.skip()
            }
        }
        guard let id, let image, let category else {
            throw problem("an annotation without id, image_id or category_id", at: start)
        }
        return COCOInstances.Object(
            id: id, image: image, category: category, box: box, area: area, isCrowd: isCrowd,
            record: start..<position, segmentation: segmentation)
    }

    /// `[x, y, width, height]`.
    mutating func box() throws -> Box {
        let start = position
        var numbers: [Double] = []
        numbers.reserveCapacity(4)
        try array { numbers.append(try $0.number()) }
        guard numbers.count == 4 else { throw problem("a bbox of \(numbers.count) numbers; it has 4", at: start) }
        return Box(
            left: numbers[0], top: numbers[1], right: numbers[0] + numbers[2], bottom: numbers[1] + numbers[3])
    }

    /// 0 or 1, or a truth value.
    private mutating func flag() throws -> Bool {
        switch peek() {
        case "t", "f": return try skip().count == 4
        default: return try integer() != 0
        }
    }

    private func located(_ error: InputError, at position: Int, _ record: String) -> InputError {
        var copy = problem(error.problem, at: position)
        copy.place = "line \(line(at: position)), \(record)"
        copy.remedy = error.remedy ?? "correct the record"
        return copy
    }
}
