import FileAccess
import Foundation

/// What weights may come in; a part of messages.
let wantedWeights = "weights are a safetensors file, or what torch.save wrote (.pth)"

/// Says what a file looks like that can be neither of safetensors nor of `torch.save`; `nil` if it can.
func weightsLook(_ data: Data) -> FileLook? {
    if beginsAsSafetensors(data) { return nil }
    if isTar(data), let name = firstNameInTar(data), ["sys_info", "pickle", "storages", "tensors"].contains(name) {
        return FileLook(
            "torch.save's first format, a tar archive as before PyTorch 0.1.10",
            "write it again with a newer PyTorch: torch.save(torch.load(path), path)")
    }
    return modelLook(data) ?? protobufLook(data) ?? textLook(data) ?? binaryLook(data)
}

/// The length of a header, and its brace.
private func beginsAsSafetensors(_ data: Data) -> Bool {
    var reader = ByteReader(data)
    guard let length = try? reader.integer(UInt64.self) else { return false }
    // One too long to be read is told of where it is read.
    guard length <= SafetensorsFile.maxHeaderBytes else {
        return length < 1 << 48 && data.dropFirst(8).starts(with: Array("{\"".utf8))
    }
    return data.dropFirst(8).first.map { [UInt8(ascii: "{"), UInt8(ascii: " ")].contains($0) } ?? true
}

private func firstNameInTar(_ data: Data) -> String? {
    let name = String(decoding: data.prefix(100).prefix { $0 != 0 }, as: UTF8.self)
    return name.split(separator: "/").last.map(String.init)
}

// MARK: - Models of other programs

private func modelLook(_ data: Data) -> FileLook? {
    let starts: [(bytes: [UInt8], look: FileLook)] = [
        ([0x89] + Array("HDF\r\n\u{1A}\n".utf8), FileLook("an HDF5 file, as Keras writes", writeByName)),
        ([0x93] + Array("NUMPY".utf8), FileLook("an array of NumPy", writeByName)),
        (Array("MATLAB 5.0 MAT".utf8), FileLook("a MATLAB file, as MatConvNet's models are", writeByName)),
        (Array("GGUF".utf8), FileLook("a GGUF model")),
        ([0x12, 1, 0, 0, 0, 0, 0, 0], FileLook("MXNet's parameters", writeByName)),
        ([0xA2, 0x06], caffe), ([0x28, 0x64, 0x70, 0x30], pickle), ([0x28, 0x6C, 0x70, 0x30], pickle),
    ]
    if let known = starts.first(where: { data.starts(with: $0.bytes) }) { return known.look }
    if data.dropFirst(4).starts(with: Array("TFL3".utf8)) { return FileLook("a TensorFlow Lite model", writeByName) }
    let isPickle = data.first == 0x80 && data.dropFirst().first.map { (2...5).contains($0) } ?? false
    return isPickle ? pickle : nil
}

private let writeByName = "write its tensors by torchvision's names as safetensors"
private let caffe = FileLook("a Caffe model", writeByName)
private let pickle = FileLook(
    "a Python pickle, but none of torch.save", "write its tensors again with torch.save")

/// Messages of protocol buffers: a Caffe net begins with its name, ONNX with a version and the program that wrote it.
private func protobufLook(_ data: Data) -> FileLook? {
    let bytes = [UInt8](data.prefix(160))
    guard bytes.count > 4 else { return nil }
    switch bytes[0] {
    case 0x08 where bytes[1] == 1 && bytes[2] == 0x12: return FileLook("a SavedModel of TensorFlow", writeByName)
    case 0x08 where bytes[1] < 32 && [0x12, 0x3A, 0x42].contains(bytes[2]):
        return FileLook("an ONNX model", writeByName)
    case 0x0A where bytes[2] == 0x0A: return FileLook("a graph of TensorFlow", writeByName)
    case 0x0A:
        let end = 2 + Int(bytes[1])
        guard end < bytes.count, bytes[2..<end].allSatisfy({ (0x20..<0x7F).contains($0) }) else { return nil }
        return [0x12, 0x1A, 0xA2].contains(bytes[end]) ? caffe : nil
    default: return nil
    }
}

// MARK: - Text

/// Pages that servers send in place of files, and files that only say where the weights are.
private func textLook(_ data: Data) -> FileLook? {
    let head = data.prefix(4096)
    guard !head.isEmpty, head.allSatisfy({ $0 >= 0x20 || (0x09...0x0D).contains($0) || $0 == 0x1B }) else { return nil }
    let text = String(decoding: head, as: UTF8.self).drop { $0.isWhitespace || $0 == "\u{FEFF}" }
    let start = text.prefix(64).lowercased()
    if start.hasPrefix("version https://git-lfs") {
        return FileLook("a pointer of Git LFS, not the file that it stands for", "git lfs pull")
    }
    if start.hasPrefix("<!doctype html") || start.hasPrefix("<html") || start.hasPrefix("<head") {
        return FileLook("an HTML page, as servers send in place of a file", "download it again")
    }
    if start.hasPrefix("<") { return FileLook("XML, as servers send in place of a file", "download it again") }
    if text.contains("\"weight_map\"") {
        return FileLook("the index of a model in several files", "give the file that holds the trunk")
    }
    if start.hasPrefix("{") || start.hasPrefix("[") { return FileLook("JSON") }
    // Bytes of no encoding, but none that texts lack.
    let isText = !text.contains("\u{FFFD}") || data.count > head.count && text.count { $0 == "\u{FFFD}" } < 2
    return text.isEmpty || isText ? FileLook(text.isEmpty ? "nothing: only white space" : "text") : nil
}
