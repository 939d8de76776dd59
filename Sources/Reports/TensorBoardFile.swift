import FileAccess
import Foundation
package import ImageFiles

/// An event file that TensorBoard reads: `events.out.tfevents.*` in the run folder.
///
/// Every start of a program writes a file of its own. One that goes on after an iteration voids what older files say of
/// later ones, as `metrics.jsonl` is cut back; one that begins anew removes them.
package final class TensorBoardFile {
    private let file: AppendingFile

    /// Begins a file for a run that goes on after `iteration` (0: from its beginning).
    ///
    /// - Throws: `InputError` naming the file, if it cannot be written.
    package init(in folder: String, after iteration: Int) throws {
        let process = ProcessInfo.processInfo.processIdentifier
        let start = String(format: "%.6f", Date().timeIntervalSince1970)
        if iteration == 0 { try TensorBoardFile.removeAll(in: folder) }
        let path = join(folder, "\(TensorBoardFile.prefix).\(start).\(hostName).\(process)")
        try writeAtomically(Data(), to: path)
        file = try AppendingFile(path)
        try append(.version, at: 0)
        if iteration > 0 { try append(.restart, at: iteration + 1) }
    }

    /// Appends numbers of an iteration; those that are not finite show as gaps.
    ///
    /// - Throws: `InputError` naming the file, if the disk is full for example.
    package func append(iteration: Int, _ scalars: [(name: String, value: Double)]) throws {
        try append(.scalars(scalars), at: iteration)
    }

    /// Appends a picture of an iteration.
    ///
    /// - Throws: `InputError` naming the file, if the disk is full for example.
    package func append(iteration: Int, _ name: String, _ picture: RGBImage) throws {
        try append(.image(name: name, picture), at: iteration)
    }

    private static func removeAll(in folder: String) throws {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        for name in names where name.hasPrefix(prefix + ".") { try removeItem(join(folder, name)) }
    }

    private static let prefix = "events.out.tfevents"

    private func append(_ content: EventRecord.Content, at step: Int) throws {
        let event = EventRecord(step: step, time: Date().timeIntervalSince1970, content: content)
        try file.append(framed(try event.encoded()))
    }
}

// MARK: - TFRecord

/// A record as TFRecord files hold it: length, checksum of the length, bytes, checksum of the bytes.
private func framed(_ bytes: Data) -> Data {
    var length = Data()
    length.append(littleEndian: UInt64(bytes.count))
    var record = length
    record.append(littleEndian: masked(castagnoli(length)))
    record.append(bytes)
    record.append(littleEndian: masked(castagnoli(bytes)))
    return record
}

/// TFRecord's mask, which keeps a checksum from being taken for one of data that hold checksums.
private func masked(_ checksum: UInt32) -> UInt32 {
    (checksum >> 15 | checksum << 17) &+ 0xA282_EAD8
}

/// CRC-32C: the polynomial of Castagnoli, bits reflected.
private func castagnoli(_ data: Data) -> UInt32 {
    ~data.reduce(~0) { sum, byte in sum >> 8 ^ castagnoliTable[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] }
}

/// The remainders of all bytes.
private let castagnoliTable: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { rest, _ in rest & 1 == 1 ? rest >> 1 ^ 0x82F6_3B78 : rest >> 1 }
}
