import FileAccess
import Foundation
import TestSupport
import Testing
import Weights

@Suite struct SafetensorsTests {
    @Test func everyFloatTypeIsRead() throws {
        let file = try openWeights(fixture("types.safetensors"))
        let json = try JSONDecoder().decode([String: [Float]].self, from: readFile(fixture("types.json")))
        #expect(Set(json.keys) == ["f16", "bf16", "f32", "f64"])
        for (name, expected) in json {
            let entry = try #require(file.tensors.first { $0.name == name })
            let floats = try file.floats(of: entry)
            #expect(floats.map(\.bitPattern) == expected.map(\.bitPattern), "\(name)")
        }
    }

    @Test func namesShapesTypesAndMetadataAreRead() throws {
        let file = try SafetensorsFile(readFile(fixture("types.safetensors")), path: "types")
        #expect(file.metadata == ["format": "pt", "note": "say \"hi\"\n"])
        func entry(_ name: String) throws -> TensorEntry { try #require(file.tensors.first { $0.name == name }) }
        #expect(file.tensors.count == 13)
        #expect(try entry("f16").shape == [3, 4])
        #expect(try entry("num_batches_tracked").shape == [])
        #expect(try entry("num_batches_tracked").count == 1)
        #expect(try entry("empty").count == 0)
        #expect(try file.floats(of: entry("empty")) == [])
        #expect(try file.floats(of: entry("na\"me\\ \u{fc} \u{1F600}")) == [2])
        #expect(try entry("f8").type == .float8E4M3)
        let error = #expect(throws: InputError.self) { try file.floats(of: entry("i16")) }
        #expect(error?.description == "types:i16: has elements of type I16; convert it to F32, F16, BF16 or F64")
    }

    @Test func writtenFilesReadBackEqual() throws {
        try withTemporaryFile { path in
            let elements: [Float] = [1, -0.0, .pi, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 6]
            let tensors = [
                TensorToWrite("b.weight", [1, 2, 3, 1]) { elements }, TensorToWrite("a\"\u{fc}/\\", []) { [7] },
                TensorToWrite("none", [0, 4]) { [] },
            ]
            try writeSafetensors(tensors, metadata: ["note": "line\nbreak", "a": "b"], to: path)
            let bytes = try Data(contentsOf: URL(fileURLWithPath: path))
            let file = try SafetensorsFile(bytes, path: path)
            #expect(file.tensors.map(\.name) == ["b.weight", "a\"\u{fc}/\\", "none"])
            #expect(file.tensors.map(\.shape) == [[1, 2, 3, 1], [], [0, 4]])
            #expect(file.metadata == ["format": "pt", "note": "line\nbreak", "a": "b"])
            #expect(try file.floats(of: file.tensors[0]).map(\.bitPattern) == elements.map(\.bitPattern))
            #expect(try file.floats(of: file.tensors[1]) == [7])
            #expect((bytes.count - 28) % 8 == 0, "elements begin on a multiple of 8 bytes")
            try writeSafetensors(tensors, metadata: ["a": "b", "note": "line\nbreak"], to: path)
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == bytes)
        }
    }

    @Test func anyLengthOfHeaderIsTold() throws {
        for length in 2...700 {
            let data = safetensors("{" + String(repeating: " ", count: length - 2) + "}")
            #expect(try SafetensorsFile(data, path: "f").tensors.isEmpty)
        }
    }

    @Test func aFileWithoutTensorsIsValid() throws {
        #expect(try SafetensorsFile(safetensors("{}"), path: "f").tensors.isEmpty)
        #expect(try SafetensorsFile(safetensors(" { } \n  "), path: "f").tensors.isEmpty)
    }
}

@Suite struct CorruptFileTests {
    @Test(arguments: [
        ("", "file:header, line 1, byte 0: '{' is expected here; is the file complete?"),
        ("[]", "'{' is expected here"),
        ("{\"a\": 1}", "'{' is expected here"),
        ("{\"a\"", "':' is expected here"),
        ("{\"a", "ends within a string"),
        ("{\"a\\", "ends within a string"),
        ("{\"a\\q\": {}}", "an invalid string"),
        ("{} x", "something after the end"),
        ("{\"a\": {}}", "lacks dtype, shape or two data_offsets"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [], \"data_offsets\": [0]}}", "two data_offsets"),
        ("{\"a\": {\"dtype\": \"F33\", \"shape\": [], \"data_offsets\": [0, 4]}}", "unknown type F33"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 8]}}", "do not hold [1] elements of F32"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 0]}}", "do not hold"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [-1], \"data_offsets\": [0, 4]}}", "-1 is negative"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [1.5], \"data_offsets\": [0, 4]}}", "an integer is expected"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [4, 8]}}", "the tensor before it ends at 0"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 8]}}", "holds 4 bytes of elements"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [0], \"data_offsets\": [0, 0]}}", "holds 4 bytes of elements"),
        ("{\"a\": {\"dtype\": \"F32\", \"shape\": [9223372036854775807, 9], \"data_offsets\": [0, 4]}}", "do not hold"),
        (
            "{\"a\": {\"dtype\": \"F32\", \"shape\": [9223372036854775808], \"data_offsets\": [0, 4]}}",
            "an integer is expected"
        ),
        (
            "{\"a\": {\"dtype\": \"F32\", \"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}",
            "unexpected dtype"
        ),
        ("{\"a\": {\"x\": 1, \"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}", "unexpected x"),
        ("{\"__metadata__\": {\"a\": 1}}", "'\"' is expected here"),
        ("{\"__metadata__\": {}, \"__metadata__\": {}}", "is there twice"),
        (
            "{\"a\": {\"dtype\": \"F16\", \"shape\": [1], \"data_offsets\": [0, 2]}, "
                + "\"a\": {\"dtype\": \"F16\", \"shape\": [1], \"data_offsets\": [2, 4]}}", "a: is there twice"
        ),
        (
            "{\"a\": {\"dtype\": \"F16\", \"shape\": [1], \"data_offsets\": [0, 2]}, "
                + "\"b\": {\"dtype\": \"F16\", \"shape\": [2], \"data_offsets\": [0, 4]}}",
            "the tensor before it ends at 2"
        ),
    ])
    func headersThatLieAreRefused(_ header: String, _ message: String) throws {
        let error = #expect(throws: InputError.self) {
            try SafetensorsFile(safetensors(header, elementBytes: 4), path: "file")
        }
        let text = error?.description ?? ""
        #expect(text.hasPrefix("file:"))
        #expect(text.contains(message), "\(text)")
    }

    @Test func aHeaderLongerThanTheFileIsRefused() throws {
        for length in [UInt64.max, 1 << 63, 100_000_001, 100_000_000, 3] {
            let data = withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data("{}".utf8)
            #expect(throws: InputError.self) { try SafetensorsFile(data, path: "file") }
        }
    }

    @Test func aHeaderThatIsTooLongIsToldOf() throws {
        for length in [102_000_000, UInt64(1) << 40] {
            try withTemporaryFile { path in
                let start = withUnsafeBytes(of: length.littleEndian) { Data($0) } + Data("{\"a\": {}}".utf8)
                try writeAtomically(start, to: path)
                let said = message { _ = try openWeights(path) }
                #expect(said.contains("its header of \(length) bytes is longer than the 100000000"), "\(said)")
            }
        }
    }

    @Test func noTruncationAndNoFlippedByteCrashes() throws {
        let sound = try Data(contentsOf: URL(fileURLWithPath: fixture("types.safetensors")))
        let refused = try countRefusals(ofDamaged: sound) { data in
            let file = try SafetensorsFile(data, path: "file")
            for tensor in file.tensors { _ = try? file.floats(of: tensor) }
        }
        #expect(refused.truncated == sound.count)
        #expect(refused.flipped > sound.count, "those in the header")
    }

    @Test func otherKindsOfFileAreNamed() throws {
        try withTemporaryFile { path in
            try writeAtomically(Data("GIF89a nothing of the kind".utf8), to: path)
            #expect(throws: InputError.self) { try openWeights(path) }
        }
        #expect(throws: InputError.self) { try openWeights("/no/such/file") }
    }
}
