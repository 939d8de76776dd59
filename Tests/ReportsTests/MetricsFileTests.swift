import FileAccess
import Foundation
import Reports
import TestSupport
import Testing

@Suite struct MetricsFileTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        try withTemporaryFolder { folder in try body(join(folder, "metrics.jsonl")) }
    }

    private func text(_ path: String) throws -> String {
        String(decoding: try readFile(path), as: UTF8.self)
    }

    @Test func linesAreWrittenAtOnceAndInOrder() throws {
        try withFile { path in
            let file = try MetricsFile(path, after: 0, warn: { _ in })
            try file.append(iteration: 1, [("loss", 0.1 + 0.2), ("lr", 1e-5)])
            #expect(try text(path) == "{\"iteration\":1,\"loss\":0.30000000000000004,\"lr\":1e-05}\n")
            try file.append(iteration: 2, [("a \"b\"", .nan), ("c", -.infinity)])
            #expect(try text(path).hasSuffix("\n{\"iteration\":2,\"a \\\"b\\\"\":null,\"c\":null}\n"))
        }
    }

    @Test func recordsReadBackInFullPrecision() throws {
        try withFile { path in
            let values = [0.1, 1.0 / 3, 1e-300, 123456789.123456789, -0.0, .pi, 2.5e-308]
            let file = try MetricsFile(path, after: 0, warn: { _ in })
            for (index, value) in values.enumerated() { try file.append(iteration: index + 1, [("v", value)]) }
            try file.append(iteration: 8, [("v", .nan)])
            let records = try MetricsRecord.all(in: path)
            #expect(records.map(\.iteration) == Array(1...8))
            #expect(records.dropLast().map { $0.values["v"] } == values)
            #expect(records[7].values["v"]?.isNaN == true)
        }
    }

    @Test(arguments: [(0, 0), (1, 1), (3, 4), (4, 5), (99, 5)])
    func resumingCutsBackToTheCheckpoint(_ iteration: Int, _ kept: Int) throws {
        try withFile { path in
            let file = try MetricsFile(path, after: 0, warn: { _ in })
            for iteration in [1, 2, 3, 3, 4] { try file.append(iteration: iteration, [("loss", 1)]) }
            let lines = try text(path).split(separator: "\n")
            let resumed = try MetricsFile(path, after: iteration, warn: { _ in })
            #expect(try text(path).split(separator: "\n") == Array(lines.prefix(kept)))
            try resumed.append(iteration: iteration + 1, [])
            #expect(try MetricsRecord.all(in: path).map(\.iteration) == [1, 2, 3, 3, 4].prefix(kept) + [iteration + 1])
        }
    }

    @Test func aTornLastLineIsPassedOver() throws {
        let whole = "{\"iteration\":1,\"loss\":2}\n{\"iteration\":2,\"loss\":3}"
        for length in 0...whole.count {
            try withFile { path in
                try writeAtomically(Data(whole.prefix(length).utf8), to: path)
                let sound = whole.prefix(length).filter { $0 == "}" }.count
                #expect(try MetricsRecord.all(in: path).count == sound)
                let file = try MetricsFile(path, after: 9, warn: { _ in })
                try file.append(iteration: 3, [("loss", 4)])
                #expect(try MetricsRecord.all(in: path).map(\.iteration) == Array(1...2).prefix(sound) + [3])
            }
        }
    }

    @Test func aDamagedLineWithinTheFileIsNamed() throws {
        try withFile { path in
            try writeAtomically(Data("{\"iteration\":1}\n{\"loss\":1}\n{\"iteration\":2}\n".utf8), to: path)
            let message = "\(path):line 2: not a metrics record; remove this line"
            #expect(TestSupport.message { try MetricsRecord.all(in: path) } == message)
            #expect(try text(path).count == 43, "nothing is overwritten")
        }
    }

    @Test(arguments: ["0", "-1", "\(Int.min)"]) func iterationsCountFromOne(_ iteration: String) throws {
        try withFile { path in
            try writeAtomically(Data("{\"iteration\":\(iteration)}\n{\"iteration\":1}\n".utf8), to: path)
            #expect(message { try MetricsRecord.all(in: path) }.contains("line 1: not a metrics record"))
            var warnings: [Diagnostic] = []
            _ = try MetricsFile(path, after: 1) { warnings.append($0) }
            #expect(warnings.map(\.severity) == [.warning] && exists(path + ".damaged"))
            #expect(try MetricsRecord.all(in: path).map(\.iteration) == [1])
        }
    }

    /// A loss of power leaves blocks of zeros where lines were not yet on the disk.
    @Test(arguments: [
        ("", "5 iterations from 1 to 5"),
        ("{\"iteration\":1}\n{\"iteration\":2}\n", "3 iterations from 3 to 5"),
        ("{\"iteration\":1}\n\0\0\n\0\n{\"iteration\":5}\n", "3 iterations from 2 to 4"),
    ])
    func aGapIsToldOf(_ contents: String, _ gap: String) throws {
        try withFile { path in
            try writeAtomically(Data(contents.utf8), to: path)
            var warnings: [Diagnostic] = []
            let file = try MetricsFile(path, after: 5) { warnings.append($0) }
            #expect(warnings.map(\.severity) == [.warning])
            #expect("\(warnings[0])".contains(gap), "\(warnings)")
            try file.append(iteration: 6, [])
            #expect(try MetricsRecord.all(in: path).last?.iteration == 6)
        }
    }

    @Test func linesOfAnEditorAreKept() throws {
        try withFile { path in
            let text = "\u{FEFF}{\"iteration\":1,\"loss\":2}\r\n{\"iteration\":2,\"loss\":3}\r\n"
            try writeAtomically(Data(text.utf8), to: path)
            #expect(try MetricsRecord.all(in: path).map(\.iteration) == [1, 2])
            let file = try MetricsFile(path, after: 2) { Issue.record("\($0)") }
            try file.append(iteration: 3, [])
            #expect(try MetricsRecord.all(in: path).map(\.iteration) == [1, 2, 3])
        }
    }

    @Test func whatCannotBeReadIsNotThrownAway() throws {
        try withFile { path in
            let text = "iteration 1, loss 2\niteration 2, loss 3\n"
            try writeAtomically(Data(text.utf8), to: path)
            var warnings: [String] = []
            _ = try MetricsFile(path, after: 2) { warnings.append("\($0)") }
            #expect(try self.text(path + ".damaged") == text)
            #expect(
                warnings.first?.contains("line 1: not a metrics record; the file as it was is metrics.jsonl.damaged")
                    == true)
        }
    }

    @Test func anUnwritablePathIsAnInputError() {
        #expect(throws: InputError.self) { try MetricsFile("/proc/none/metrics.jsonl", after: 0, warn: { _ in }) }
    }
}
