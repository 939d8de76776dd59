package import FileAccess
package import Foundation

/// What boxes may come in; a part of messages.
private let wanted = "boxes are a folder of VOC's XML files, or an instances file of COCO (one JSON)"

/// Says what a file looks like that cannot be an instances file of COCO; `nil` if it can.
func notCOCO(_ data: Data) -> InputError? {
    guard let look = binaryLook(data) ?? textLook(data) else { return nil }
    return InputError("this looks like \(look.what)", remedy: (look.remedy.map { $0 + ": " } ?? "") + wanted)
}

/// Says what a file looks like that cannot be a results file of COCO; `nil` if it can.
func notResults(_ data: Data) -> InputError? {
    let first = data.first { $0 > 0x20 && ![0xEF, 0xBB, 0xBF].contains($0) }
    let instances = first == UInt8(ascii: "{") ? Look("a JSON object, as instances files are") : nil
    guard let look = binaryLook(data) ?? instances else { return nil }
    return InputError(
        "this looks like \(look.what)",
        remedy: (look.remedy.map { $0 + ": " } ?? "")
            + "results are one JSON list: [{\"image_id\", \"category_id\", ...}]")
}

/// Says that a folder has no XML files, and what it looks like.
package func noXML(in folder: String) -> InputError {
    let look = folderLook(folder)
    return InputError(
        "no *.xml in this folder" + (look.map { ": it looks like \($0.what)" } ?? ""), file: folder,
        remedy: (look?.remedy.map { $0 + ": " } ?? "") + wanted)
}

/// What something looks like, and what would make boxes of it.
private struct Look {
    let what: String
    var remedy: String?

    init(_ what: String, _ remedy: String? = nil) { (self.what, self.remedy) = (what, remedy) }
}

// MARK: - Files that are no text

private func binaryLook(_ data: Data) -> Look? {
    let starts: [(bytes: [UInt8], look: Look)] = [
        ([0x1F, 0x8B], Look("a gzip file", "unpack it (gunzip)")),
        ([0x50, 0x4B, 0x03, 0x04], Look("a zip archive", "unpack it (unzip)")),
        (Array("BZh".utf8), Look("a bzip2 file", "unpack it (bunzip2)")),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], Look("an xz file", "unpack it (unxz)")),
        ([0x28, 0xB5, 0x2F, 0xFD], Look("a zstd file", "unpack it (unzstd)")),
        ([0x37, 0x7A, 0xBC, 0xAF], Look("a 7z archive", "unpack it")),
        (Array("Rar!".utf8), Look("a RAR archive", "unpack it")),
        (Array("PAR1".utf8), Look("a Parquet table")), (Array("SQLite".utf8), Look("an SQLite data base")),
        ([0xFF, 0xD8, 0xFF], Look("a JPEG image")), ([0x89, 0x50, 0x4E, 0x47], Look("a PNG image")),
        ([0xFF, 0xFE], Look("text in UTF-16", "save it as UTF-8")),
        ([0xFE, 0xFF], Look("text in UTF-16", "save it as UTF-8")),
    ]
    if data.isEmpty { return Look("nothing: the file is empty", "get it again") }
    if let known = starts.first(where: { data.starts(with: $0.bytes) }) { return known.look }
    let isTar = data.count > 262 && data.dropFirst(257).starts(with: Array("ustar".utf8))
    if isTar { return Look("a tar archive", "unpack it (tar xf)") }
    return data.prefix(512).contains(0) ? Look("no text, but binary data") : nil
}

// MARK: - Files of text

private func textLook(_ data: Data) -> Look? {
    let head = String(decoding: data.prefix(1 << 16), as: UTF8.self)
    let text = head.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    switch text.first {
    case "{": return objectLook(text, isWhole: data.count <= 1 << 16)
    case "[": return listLook(text)
    case "<": return xmlLook(text)
    case nil: return Look("nothing: only white space", "get it again")
    default: return tableLook(text)
    }
}

/// JSON objects of other tools; COCO's lists are looked for by its reader.
private func objectLook(_ text: Substring, isWhole: Bool) -> Look? {
    if text.contains("\"shapes\"") && text.contains("\"imagePath\"") {
        return Look("LabelMe's JSON for one image", "export it as COCO (labelme2coco)")
    }
    if text.contains("\"_via_") || text.contains("\"shape_attributes\"") {
        return Look("a project of VIA", "export it as COCO")
    }
    if text.contains("\"asset\"") && text.contains("\"regions\"") {
        return Look("VoTT's JSON", "export it as PASCAL VOC")
    }
    if text.contains("\"caption\"") && !text.contains("\"bbox\"") {
        return Look("COCO's captions", "take instances_*.json")
    }
    if text.contains("\"type\"") && text.contains("\"FeatureCollection\"") { return Look("GeoJSON") }
    return isWhole && isOneObjectALine(text) ? Look("JSON lines, an object each", "export it as COCO") : nil
}

private func isOneObjectALine(_ text: Substring) -> Bool {
    let lines = text.split(whereSeparator: \.isNewline)
    return lines.count > 1 && lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") }
}

private func listLook(_ text: Substring) -> Look {
    if text.contains("\"image_id\"") && text.contains("\"score\"") {
        return Look("a results file of COCO", "give the instances file that it goes with")
    }
    if text.contains("\"annotations\"") && text.contains("\"coordinates\"") {
        return Look("CreateML's JSON", "export it as COCO")
    }
    if text.contains("\"from_name\"") || text.contains("\"rectanglelabels\"") {
        return Look("Label Studio's JSON", "export it as COCO or PASCAL VOC")
    }
    return Look("a JSON list, where COCO has an object with the lists images, annotations, categories")
}

private func xmlLook(_ text: Substring) -> Look {
    if text.contains("<annotations") { return Look("CVAT's XML", "export it as PASCAL VOC or COCO") }
    if text.contains("<annotation") { return Look("one XML file of VOC", "give the folder that it lies in") }
    return text.contains("<dataset") ? Look("dlib's XML") : Look("XML or HTML")
}

private func tableLook(_ text: Substring) -> Look {
    let lines = text.split(whereSeparator: \.isNewline)
    let line = lines.first ?? ""
    if isYOLO(line) { return Look("YOLO's labels of one image", convertYOLO) }
    if lines.contains(where: { $0.hasPrefix("names:") || $0.hasPrefix("nc:") }) {
        return Look("YOLO's description of a data set", convertYOLO)
    }
    for (separator, kind) in [(",", "CSV"), (";", "CSV"), ("\t", "a table with tabs")]
    where line.split(separator: Character(separator), omittingEmptySubsequences: false).count > 3 {
        return Look(kind, "convert it")
    }
    return Look("text, but neither JSON nor XML")
}

private let convertYOLO = "convert it to COCO or PASCAL VOC"

/// Five numbers: class, centre and size.
private func isYOLO(_ line: Substring) -> Bool {
    let numbers = line.split(separator: " ").map { Double($0) }
    return numbers.count >= 5 && numbers.allSatisfy { $0 != nil } && numbers[0].flatMap { Int(exactly: $0) } != nil
}

// MARK: - Folders

private func folderLook(_ folder: String) -> Look? {
    if isDirectory(join(folder, "Annotations")) {
        return Look("a data set of VOC", "give \(join(folder, "Annotations"))")
    }
    let names = (try? fileNames(in: folder)) ?? []
    func files(_ suffix: String) -> [String] { names.filter { ($0 as NSString).pathExtension.lowercased() == suffix } }
    if names.isEmpty { return Look("nothing: it is empty") }
    if let json = files("json").first {
        let isCOCO = (try? COCOInstances(contentsOf: join(folder, json), report: { _ in }, refuse: { _ in })) != nil
        if isCOCO { return Look("a folder with an instances file", "give \(join(folder, json))") }
        let data = try? readFile(join(folder, json))
        return data.flatMap(textLook) ?? Look("a folder of JSON files", "export them as COCO")
    }
    let texts = files("txt").filter { $0 != "classes.txt" }.prefix(20)
    if texts.contains(where: { isYOLO(firstLine(of: join(folder, $0))) }) {
        return Look("a folder of YOLO's labels", convertYOLO)
    }
    if !files("csv").isEmpty { return Look("a folder with CSV", "convert it") }
    let images = ["jpg", "jpeg", "png"].contains { !files($0).isEmpty }
    return images ? Look("a folder of images", "give the folder of their boxes") : nil
}

private func firstLine(of path: String) -> Substring {
    let data = (try? readFile(path)) ?? Data()
    return String(decoding: data.prefix(256), as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
}
