import FileAccess
import Foundation
import ImageFiles
import Reports
import TestSupport
import Testing

@Suite struct TensorBoardFileTests {
    /// The records of the only event file in a folder, their framing checked.
    private func records(in folder: String) throws -> [[UInt8]] {
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        #expect(names.count == 1 && names[0].hasPrefix("events.out.tfevents."))
        var rest = [UInt8](try readFile(join(folder, names[0])))[...]
        var records: [[UInt8]] = []
        while rest.count >= 16 {
            let length = rest.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
            #expect(unmasked(rest.dropFirst(8).prefix(4)) == checksumBitByBit(rest.prefix(8)))
            let bytes = rest.dropFirst(12).prefix(length)
            #expect(unmasked(rest.dropFirst(12 + length).prefix(4)) == checksumBitByBit(bytes))
            records.append(Array(bytes))
            rest = rest.dropFirst(16 + length)
        }
        #expect(rest.isEmpty)
        return records
    }

    private func unmasked(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        let value = bytes.reversed().reduce(UInt32(0)) { $0 << 8 | UInt32($1) } &- 0xA282_EAD8
        return value >> 17 | value << 15
    }

    /// CRC-32C by polynomial division.
    private func checksumBitByBit(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var sum = UInt32.max
        for byte in bytes {
            for bit in 0..<8 {
                let top = sum & 1 ^ UInt32(byte >> bit) & 1
                sum = sum >> 1 ^ (top == 1 ? 0x82F6_3B78 : 0)
            }
        }
        return ~sum
    }

    @Test func theChecksumIsThatOfTheStandard() {
        // RFC 3720, appendix B.4: 32 bytes of zeros; the check value of "123456789".
        #expect(checksumBitByBit(Array(repeating: 0, count: 32)[...]) == 0x8A91_36AA)
        #expect(checksumBitByBit(Array("123456789".utf8)[...]) == 0xE306_9283)
    }

    @Test func scalarsAreFloatsUnderTheirNames() throws {
        try withTemporaryFolder { folder in
            let file = try TensorBoardFile(in: folder, after: 0)
            try file.append(iteration: 300, [("loss", 0.5), ("lr", 1)])
            let records = try records(in: folder)
            #expect(records.count == 2)
            #expect(contains(records[0], Array("\u{1A}\u{0D}brain.Event:2".utf8)))
            // Field 2, varint: the step.
            #expect(contains(records[1], [0x10, 0xAC, 0x02]))
            // Summary of two values, each with a name and a float.
            let loss: [UInt8] = [0x0A, 0x0B, 0x0A, 4] + Array("loss".utf8) + [0x15, 0, 0, 0, 0x3F]
            let rate: [UInt8] = [0x0A, 0x09, 0x0A, 2] + Array("lr".utf8) + [0x15, 0, 0, 0x80, 0x3F]
            #expect(contains(records[1], [0x2A, 24] + loss + rate))
        }
    }

    @Test func picturesArePNGs() throws {
        try withTemporaryFolder { folder in
            let picture = RGBImage(width: 3, height: 2, color: (10, 20, 30))
            try TensorBoardFile(in: folder, after: 0).append(iteration: 1, "labels", picture)
            let png = [UInt8](try picture.pngData())
            let record = try #require(try records(in: folder).last)
            let head: [UInt8] = [0x08, 2, 0x10, 3, 0x18, 3, 0x22, UInt8(png.count)]
            #expect(contains(record, head + png))
        }
    }

    @Test func aRunThatGoesOnVoidsWhatCameLater() throws {
        try withTemporaryFolder { folder in
            _ = try TensorBoardFile(in: folder, after: 41)
            let record = try #require(try records(in: folder).last)
            // Step 42, session log START.
            #expect(contains(record, [0x10, 42, 0x3A, 2, 0x08, 1]))
            _ = try TensorBoardFile(in: folder, after: 0)
            #expect(try records(in: folder).count == 1)
        }
    }

    @Test func aReportPutsItsScoresAndPicturesThere() throws {
        try withTemporaryFolder { folder in
            var report = Report(title: "t", subtitle: "s")
            try report.writeEvents(to: folder, iteration: 5)
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
            let view = RGBImage(width: 4, height: 3, color: (9, 9, 9))
            report.pictures = [
                PictureGrid(
                    "Predictions", run: "run", note: "", columns: ["a", "b"], rows: [.init("cat", [view, view])],
                    keys: [])
            ]
            try report.writeEvents(to: folder, iteration: 5)
            let record = try #require(try records(in: folder).last)
            #expect(contains(record, Array("Predictions/cat".utf8)))
            #expect(contains(record, [0x10, 5, 0x2A]))
        }
    }

    private func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...bytes.count - part.count).contains { bytes[$0..<$0 + part.count].elementsEqual(part) }
    }
}
