import FileAccess
import Foundation
import TestSupport
import Testing
import Weights

/// What is no file of weights is told by what it looks like.
@Suite struct WeightsLookTests {
    private func opening(_ bytes: [UInt8]) throws -> String {
        try withTemporaryFile { path in
            try writeAtomically(Data(bytes), to: path)
            return message { try openWeights(path) }.replacing(path, with: "file")
        }
    }

    private static let texts: [(String, String)] = [
        ("version https://git-lfs.github.com/spec/v1\noid sha256:4d\nsize 5\n", "a pointer of Git LFS"),
        ("<!DOCTYPE html><html><head>", "an HTML page"), ("\n<html>\n", "an HTML page"),
        ("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>", "XML"),
        ("{\"metadata\": {}, \"weight_map\": {\"a\": \"b.safetensors\"}}", "the index of a model in several files"),
        ("{\"a\": [1, 2]}", "JSON"), ("[1, 2, 3, 4, 5]", "JSON"), ("name: \"VGG\"\nlayer {\n", "text"), ("abc", "text"),
        ("  \n \n", "nothing: only white space"), ("", "nothing: the file is empty"),
        ("MATLAB 5.0 MAT-file, Platform: GLNXA64", "a MATLAB file"), ("GIF89a nothing of the kind", "text"),
    ]

    @Test(arguments: texts) func textsAreTold(_ text: String, _ look: String) throws {
        let error = try opening(Array(text.utf8))
        #expect(error.hasPrefix("file: this looks like \(look)"), "\(error)")
        #expect(error.hasSuffix("weights are a safetensors file, or what torch.save wrote (.pth)"), "\(error)")
    }

    private static let binaries: [([UInt8], String)] = [
        ([0x89] + Array("HDF\r\n\u{1A}\n".utf8) + [0, 0, 0, 0, 0, 8, 8, 0], "an HDF5 file"),
        ([0x93] + Array("NUMPY".utf8) + [1, 0, 0x76, 0], "an array of NumPy"),
        ([8, 8, 0x12, 7] + Array("pytorch".utf8) + [0x1A, 3], "an ONNX model"),
        ([8, 1, 0x12, 0x80, 1, 0x0A], "a SavedModel of TensorFlow"), ([0x0A, 0x20, 0x0A, 5, 0x69, 0x6E], "a graph of"),
        ([0x0A, 9] + Array("VGG_ILSVR".utf8) + [0x12, 0x80, 1, 0], "a Caffe model"),
        ([0x0A, 3] + Array("net".utf8) + [0xA2, 6, 8, 0], "a Caffe model"),
        ([0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0, 0x7D, 0x2E], "a Python pickle, but none of torch.save"),
        ([0x1C, 0, 0, 0] + Array("TFL3".utf8) + [0, 0], "a TensorFlow Lite model"),
        ([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3], "a gzip file; unpack it"),
        ([0xFF, 0xD8, 0xFF, 0xE0, 0, 16], "a JPEG image"),
        ([0, 0, 0, 0, 2, 0, 0, 0, 5, 0, 0, 0, 9], "no text, but binary data"),
        ([0x12, 1, 0, 0, 0, 0, 0, 0, 0, 0], "MXNet's parameters"),
    ]

    @Test(arguments: binaries) func modelsOfOthersAreTold(_ bytes: [UInt8], _ look: String) throws {
        let error = try opening(bytes)
        #expect(error.hasPrefix("file: this looks like \(look)"), "\(error)")
        #expect(error.hasSuffix("weights are a safetensors file, or what torch.save wrote (.pth)"), "\(error)")
    }

    @Test func tarArchivesAreTold() throws {
        func tar(_ name: String) -> [UInt8] {
            var header = [UInt8](repeating: 0, count: 1024)
            header.replaceSubrange(0..<name.utf8.count, with: name.utf8)
            header.replaceSubrange(257..<262, with: "ustar".utf8)
            return header
        }
        #expect(
            try opening(tar("./sys_info")).contains("torch.save's first format, a tar archive as before PyTorch 0.1.10")
        )
        #expect(try opening(tar("model.pth")).contains("a tar archive; unpack it"))
    }

    @Test func zipArchivesAreTold() throws {
        func read(_ names: String...) throws -> String { try opening([UInt8](archive(names.map { ($0, [1]) }))) }
        #expect(
            try read("a.npy", "b.npy").contains("is a zip archive, but none of torch.save: it looks like NumPy's npz;"))
        #expect(
            try read("best/vgg.pth", "best/readme").contains("it looks like best/vgg.pth packed; unpack it (unzip)"))
        #expect(try read("config.json", "model.weights.h5").contains("it looks like a model of Keras"))
        #expect(try read("x").contains("is a zip archive, but none of torch.save; weights are"))
        let long = try read("a\u{1B}[31m" + String(repeating: "x", count: 300) + ".pth")
        #expect(long.contains("a\\u{1b}[31mxx") && long.count < 300, "\(long)")
    }

    @Test func aFileWithoutTensorsIsRefused() throws {
        #expect(try opening([UInt8](safetensors("{}"))).hasPrefix("file: holds no tensors; weights are"))
        #expect(try opening([UInt8](safetensors("{\"__metadata__\":{}}"))).hasPrefix("file: holds no tensors"))
    }

    @Test func safetensorsThatAreCutOffAreStillThat() throws {
        let cut = [UInt8](safetensors("{\"a\": {}}").dropLast(4))
        #expect(try opening(cut).contains("within its header of 9; copy it again"))
    }
}
