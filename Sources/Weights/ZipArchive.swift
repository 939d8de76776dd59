import FileAccess
import Foundation

/// The files in a zip archive that were stored without compression, as PyTorch stores all of them.
///
/// Sizes and places come from the directory at the archive's end; see PKWARE's APPNOTE.TXT for the format.
struct ZipArchive {
    private let archive: Data
    private let entries: [String: Entry]
    /// Where the directory starts.
    private let start: Int

    /// What the directory says of a file.
    private struct Entry {
        let name: String
        let flags: Int
        let method: Int
        /// 0: was not computed.
        let checksum: Int
        let byteCount: Int
        let header: Int
    }

    /// Reads the directory.
    ///
    /// - Throws: `InputError` for an archive that is cut off or whose directory is damaged.
    init(_ archive: Data) throws {
        self.archive = archive
        let directory: Data
        (directory, start) = try ZipArchive.directory(of: archive)
        var (reader, entries) = (ByteReader(directory), [String: Entry]())
        while reader.position < directory.count {
            let entry = try ZipArchive.entry(&reader)
            guard entries.updateValue(entry, forKey: entry.name) == nil else {
                throw InputError("holds \(shown(entry.name)) twice", remedy: "get a sound copy")
            }
        }
        self.entries = entries
    }

    /// The names of its files, in alphabetical order.
    var names: [String] { entries.keys.sorted() }

    /// A file's contents; `nil` if it has none of this name.
    ///
    /// - Throws: `InputError` for a file that is damaged, compressed or encrypted.
    func contents(of name: String) throws -> Data? {
        try entries[name].map { try ZipArchive.contents(of: $0, in: archive, before: start) }
    }

    // MARK: - Directory

    /// The directory's bytes, and where it starts.
    private static func directory(of archive: Data) throws -> (Data, start: Int) {
        guard let end = endOfDirectory(archive) else {
            throw InputError("is cut off: a zip archive without its directory", remedy: "copy it again")
        }
        var reader = ByteReader(archive, at: end + 12)
        var size = try reader.integer(UInt32.self)
        var start = try reader.integer(UInt32.self)
        if let large = try zip64End(archive, before: end) {
            reader = ByteReader(archive, at: large)
            size = try reader.integer(UInt64.self)
            start = try reader.integer(UInt64.self)
        }
        reader = ByteReader(archive, at: start)
        return (try reader.take(size), start)
    }

    /// Where the last record begins; a comment may follow it.
    private static func endOfDirectory(_ archive: Data) -> Int? {
        let (size, maxComment) = (22, 0xFFFF)
        guard archive.count >= size else { return nil }
        let first = max(0, archive.count - size - maxComment)
        return (first...archive.count - size).last { has(Signature.end, in: archive, at: $0) }
    }

    /// Where the directory's size stands in a zip64 archive; `nil` in any other.
    private static func zip64End(_ archive: Data, before end: Int) throws -> Int? {
        let locator = end - 20
        guard locator >= 0, has(Signature.locator, in: archive, at: locator) else { return nil }
        var reader = ByteReader(archive, at: locator + 8)
        let record = try reader.integer(UInt64.self)
        guard record <= locator, has(Signature.zip64End, in: archive, at: record) else {
            throw InputError("has a damaged directory", remedy: "copy it again")
        }
        return record + 40
    }

    private static func entry(_ reader: inout ByteReader) throws -> Entry {
        guard try reader.take(4).elementsEqual(Signature.entry) else {
            throw InputError("has a damaged directory", remedy: "copy it again")
        }
        _ = try reader.take(4)
        let (flags, method) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
        _ = try reader.take(4)
        let checksum = try reader.integer(UInt32.self)
        _ = try reader.integer(UInt32.self)
        var byteCount = try reader.integer(UInt32.self)
        let lengths = (
            try reader.integer(UInt16.self), try reader.integer(UInt16.self), try reader.integer(UInt16.self)
        )
        _ = try reader.take(8)
        var header = try reader.integer(UInt32.self)
        let name = try reader.text(lengths.0)
        let large = try zip64Numbers(try reader.take(lengths.1))
        _ = try reader.take(lengths.2)
        // Numbers that do not fit stand in the extra field, in the order uncompressed size, compressed size, place.
        var next = large.makeIterator()
        if byteCount == 0xFFFF_FFFF {
            byteCount = next.next() ?? byteCount
            _ = next.next()
        }
        if header == 0xFFFF_FFFF { header = next.next() ?? header }
        return Entry(
            name: name, flags: flags, method: method, checksum: checksum, byteCount: byteCount, header: header)
    }

    /// The numbers of 64 bits in an entry's extra field.
    private static func zip64Numbers(_ extra: Data) throws -> [Int] {
        var reader = ByteReader(extra)
        while reader.position + 4 <= extra.count {
            let (kind, size) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
            let field = try reader.take(size)
            guard kind == 1 else { continue }
            var numbers = ByteReader(field)
            return try (0..<size / 8).map { _ in try numbers.integer(UInt64.self) }
        }
        return []
    }

    // MARK: - Files

    private static func contents(of entry: Entry, in archive: Data, before limit: Int) throws -> Data {
        guard entry.flags & 1 == 0, entry.method == 0 else {
            throw InputError(
                "is a zip archive that is \(entry.flags & 1 == 0 ? "compressed" : "encrypted")",
                remedy: "give it as torch.save wrote it")
        }
        guard has(Signature.file, in: archive, at: entry.header) else {
            throw InputError("has no \(shown(entry.name)) where its directory says", remedy: "copy it again")
        }
        var reader = ByteReader(archive, at: entry.header + 26)
        let (name, extra) = (try reader.integer(UInt16.self), try reader.integer(UInt16.self))
        _ = try reader.take(name + extra)
        let contents = try reader.take(entry.byteCount)
        guard reader.position <= limit, entry.checksum == 0 || Int(checksum(contents)) == entry.checksum else {
            throw InputError("\(shown(entry.name)) in it is damaged", remedy: "copy it again")
        }
        return contents
    }

    private enum Signature {
        static let file: [UInt8] = [0x50, 0x4B, 3, 4]
        static let entry: [UInt8] = [0x50, 0x4B, 1, 2]
        static let end: [UInt8] = [0x50, 0x4B, 5, 6]
        static let zip64End: [UInt8] = [0x50, 0x4B, 6, 6]
        static let locator: [UInt8] = [0x50, 0x4B, 6, 7]
    }

    private static func has(_ signature: [UInt8], in archive: Data, at position: Int) -> Bool {
        guard position >= 0, position <= archive.count - signature.count else { return false }
        let start = archive.startIndex + position
        return archive[start..<start + signature.count].elementsEqual(signature)
    }
}

private func shown(_ name: String) -> String { shortened(name, limit: 80) }
