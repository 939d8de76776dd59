package import FileAccess
import Foundation

/// What boxes may come in; a part of messages.
private let wanted = "boxes are a folder of VOC's XML files, or an instances file of COCO (one JSON)"

/// Says what a file looks like that cannot be an instances file of COCO; `nil` if it can.
func notCOCO(_ data: Data) -> InputError? {
    guard let look = binaryLook(data) ?? textLook(data) else { return nil }
    return look.error(wanted: wanted)
}

/// Says what a file looks like that cannot be a results file of COCO; `nil` if it can.
func notResults(_ data: Data) -> InputError? {
    let first = data.first { $0 > 0x20 && ![0xEF, 0xBB, 0xBF].contains($0) }
    let instances = first == UInt8(ascii: "{") ? FileLook("a JSON object, as instances files are") : nil
    guard let look = binaryLook(data) ?? instances else { return nil }
    return look.error(wanted: "results are one JSON list: [{\"image_id\", \"category_id\", ...}]")
}

/// Says that a folder has no XML files, and what it looks like.
package func noXML(in folder: String) -> InputError {
    let look = folderLook(folder)
    return InputError(
        "no *.xml in this folder" + (look.map { ": it looks like \($0.what)" } ?? ""), file: folder,
        remedy: (look?.remedy.map { $0 + ": " } ?? "") + wanted)
}

// MARK: - Files of text

private func textLook(_ data: Data) -> FileLook? {
    let head = String(decoding: data.prefix(1 << 16), as: UTF8.self)
    let text = head.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    switch text.first {
    case "{": return objectLook(text, isWhole: data.count <= 1 << 16)
    case "[": return listLook(text)
    case "<": return xmlLook(text)
    case nil: return FileLook("nothing: only white space", "get it again")
    default: return tableLook(text)
    }
}

/// JSON objects of other tools; COCO's lists are looked for by its reader.
private func objectLook(_ text: Substring, isWhole: Bool) -> FileLook? {
    if text.contains("\"shapes\"") && text.contains("\"imagePath\"") {
        return FileLook("LabelMe's JSON for one image", "export it as COCO (labelme2coco)")
    }
    if text.contains("\"_via_") || text.contains("\"shape_attributes\"") {
        return FileLook("a project of VIA", "export it as COCO")
    }
    if text.contains("\"asset\"") && text.contains("\"regions\"") {
        return FileLook("VoTT's JSON", "export it as PASCAL VOC")
    }
    if text.contains("\"caption\"") && !text.contains("\"bbox\"") {
        return FileLook("COCO's captions", "take instances_*.json")
    }
    if text.contains("\"type\"") && text.contains("\"FeatureCollection\"") { return FileLook("GeoJSON") }
    return isWhole && isOneObjectALine(text) ? FileLook("JSON lines, an object each", "export it as COCO") : nil
}

private func isOneObjectALine(_ text: Substring) -> Bool {
    let lines = text.split(whereSeparator: \.isNewline)
    return lines.count > 1 && lines.allSatisfy { $0.hasPrefix("{") && $0.hasSuffix("}") }
}

private func listLook(_ text: Substring) -> FileLook {
    if text.contains("\"image_id\"") && text.contains("\"score\"") {
        return FileLook("a results file of COCO", "give the instances file that it goes with")
    }
    if text.contains("\"annotations\"") && text.contains("\"coordinates\"") {
        return FileLook("CreateML's JSON", "export it as COCO")
    }
    if text.contains("\"from_name\"") || text.contains("\"rectanglelabels\"") {
        return FileLook("Label Studio's JSON", "export it as COCO or PASCAL VOC")
    }
    return FileLook("a JSON list, where COCO has an object with the lists images, annotations, categories")
}

private func xmlLook(_ text: Substring) -> FileLook {
    if text.contains("<annotations") { return FileLook("CVAT's XML", "export it as PASCAL VOC or COCO") }
    if text.contains("<annotation") { return FileLook("one XML file of VOC", "give the folder that it lies in") }
    return text.contains("<dataset") ? FileLook("dlib's XML") : FileLook("XML or HTML")
}

private func tableLook(_ text: Substring) -> FileLook {
    let lines = text.split(whereSeparator: \.isNewline)
    let line = lines.first ?? ""
    if isYOLO(line) { return FileLook("YOLO's labels of one image", convertYOLO) }
    if lines.contains(where: { $0.hasPrefix("names:") || $0.hasPrefix("nc:") }) {
        return FileLook("YOLO's description of a data set", convertYOLO)
    }
    for (separator, kind) in [(",", "CSV"), (";", "CSV"), ("\t", "a table with tabs")]
    where line.split(separator: Character(separator), omittingEmptySubsequences: false).count > 3 {
        return FileLook(kind, "convert it")
    }
    return FileLook("text, but neither JSON nor XML")
}

private let convertYOLO = "convert it to COCO or PASCAL VOC"

/// Five numbers: class, centre and size.
private func isYOLO(_ line: Substring) -> Bool {
    let numbers = line.split(separator: " ").map { Double($0) }
    return numbers.count >= 5 && numbers.allSatisfy { $0 != nil } && numbers[0].flatMap { Int(exactly: $0) } != nil
}

// MARK: - Folders

private func folderLook(_ folder: String) -> FileLook? {
    if isDirectory(join(folder, "Annotations")) {
        return FileLook("a data set of VOC", "give \(join(folder, "Annotations"))")
    }
    let names = (try? fileNames(in: folder)) ?? []
    func files(_ suffix: String) -> [String] { names.filter { fileExtension(of: $0).lowercased() == suffix } }
    if names.isEmpty { return FileLook("nothing: it is empty") }
    if let json = files("json").first {
        let isCOCO = (try? COCOInstances(contentsOf: join(folder, json), report: { _ in }, refuse: { _ in })) != nil
        if isCOCO { return FileLook("a folder with an instances file", "give \(join(folder, json))") }
        let data = try? readFile(join(folder, json))
        return data.flatMap(textLook) ?? FileLook("a folder of JSON files", "export them as COCO")
    }
    let texts = files("txt").filter { $0 != "classes.txt" }.prefix(20)
    if texts.contains(where: { isYOLO(firstLine(of: join(folder, $0))) }) {
        return FileLook("a folder of YOLO's labels", convertYOLO)
    }
    if !files("csv").isEmpty { return FileLook("a folder with CSV", "convert it") }
    let images = ["jpg", "jpeg", "png"].contains { !files($0).isEmpty }
    return images ? FileLook("a folder of images", "give the folder of their boxes") : nil
}

private func firstLine(of path: String) -> Substring {
    let data = (try? readFile(path)) ?? Data()
    return String(decoding: data.prefix(256), as: UTF8.self).split(whereSeparator: \.isNewline).first ?? ""
}
