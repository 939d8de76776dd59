import FileAccess
import Foundation

// What a PNG was made of, as a text chunk before its last one: eight hexadecimal digits under a keyword of bana's own.

private let pngEnd: [UInt8] = [0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82]
private let stampStart = Array("tEXtbana-source\0".utf8)
/// Length, kind with keyword, digits, checksum.
private let stampBytes = 4 + stampStart.count + 8 + 4

/// The same PNG file with a number that tells what it was made of.
func stamped(_ png: Data, _ number: UInt32) -> Data {
    let digits = String(number, radix: 16)
    let contents = Data(stampStart) + Data((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
    func bigEndian(_ number: Int) -> Data { withUnsafeBytes(of: UInt32(number).bigEndian) { Data($0) } }
    return png.dropLast(pngEnd.count) + bigEndian(contents.count - 4) + contents + bigEndian(Int(checksum(contents)))
        + Data(pngEnd)
}

/// The end of a PNG file, looked at without the rest.
package struct PNGLook {
    /// What the file was made of, if it says so.
    package let stamp: UInt32?

    /// `nil` where there is no PNG file with its first and last bytes: none, or one torn by a loss of power.
    package init?(_ path: String) {
        guard let head = try? readBeginning(of: path, pngSignature.count), Array(head) == pngSignature,
            let file = FileHandle(forReadingAtPath: path)
        else { return nil }
        defer { try? file.close() }
        guard let length = try? file.seekToEnd(), length > UInt64(pngSignature.count + pngEnd.count) else { return nil }
        let count = min(length, UInt64(stampBytes + pngEnd.count))
        guard (try? file.seek(toOffset: length - count)) != nil, let tail = try? file.readToEnd().map(Array.init),
            Array(tail.suffix(pngEnd.count)) == pngEnd
        else { return nil }
        let chunk = tail.dropLast(pngEnd.count).dropFirst(4)
        let isStamp = chunk.starts(with: stampStart)
        let digits = chunk.dropFirst(stampStart.count).prefix(8)
        stamp = isStamp ? UInt32(String(decoding: digits, as: UTF8.self), radix: 16) : nil
    }
}
