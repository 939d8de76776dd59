import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// A tar archive of data files, read where they lie: file systems of clusters hate a million small files.
///
/// To all that reads data an archive is a folder: `shards/000000.tar/ID.jpg` is a member. POSIX's and GNU's forms are
/// understood, with long names; archives that are compressed are not, for nothing in them has a place.
final class TarArchive: Sendable {
    private let path: String
    private let descriptor: Int32
    private let members: [String: Range<Int>]

    /// Where each member lies, told by the headers alone.
    ///
    /// - Throws: `InputError` naming the archive that is no such archive or is cut off.
    private init(_ path: String) throws {
        self.path = path
        descriptor = try openForReading(path).descriptor
        do {
            members = try TarReader(path, descriptor).members()
        } catch {
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Archives that were opened; they stay so.
    private static let opened = Mutex<[String: TarArchive]>([:])

    private static func at(_ path: String) throws -> TarArchive {
        try opened.withLock { opened in
            if let archive = opened[path] { return archive }
            let archive = try TarArchive(path)
            opened[path] = archive
            return archive
        }
    }

    /// The names of an archive's members, in no order.
    static func memberNames(of path: String) throws -> [String] { Array(try at(path).members.keys) }

    /// The contents of `ARCHIVE.tar/MEMBER`, or the first `count` bytes of them; `nil` where a path names no member of an
    /// archive.
    static func contents(at path: String, first count: Int = .max) throws -> Data? {
        guard let end = path.range(of: ".tar/") else { return nil }
        let archive = String(path[..<end.upperBound].dropLast())
        guard !isDirectory(archive), exists(archive) else { return nil }
        return try at(archive).contents(of: String(path[end.upperBound...]), first: count)
    }

    private func contents(of name: String, first count: Int) throws -> Data {
        guard let place = members[name] else {
            throw InputError("no such file in this archive", file: join(path, name))
        }
        return try TarReader(path, descriptor).read(place.prefix(count))
    }
}

/// Reads an archive's bytes.
private struct TarReader {
    private let path: String
    private let descriptor: Int32

    init(_ path: String, _ descriptor: Int32) { (self.path, self.descriptor) = (path, descriptor) }

    /// Walks from header to header.
    func members() throws -> [String: Range<Int>] {
        var members: [String: Range<Int>] = [:]
        var place = 0
        // What an extended header says of the member after it.
        var longName: String?
        while let header = try TarHeader(try read(place..<place + TarHeader.size), in: path, at: place) {
            let contents = place + TarHeader.size..<place + TarHeader.size + header.count
            switch header.kind {
            case .file: members[trimmed(longName ?? header.name)] = contents
            case .longName: longName = string(try read(contents, limit: 1 << 16))
            case .extended: longName = paxPath(try read(contents, limit: 1 << 16)) ?? longName
            case .other: break
            }
            if header.describesItself { longName = nil }
            place = contents.upperBound + (TarHeader.size - header.count % TarHeader.size) % TarHeader.size
        }
        return members
    }

    /// Names may begin with `./`.
    private func trimmed(_ name: String) -> String {
        var name = name[...]
        while name.hasPrefix("./") { name.removeFirst(2) }
        return String(name)
    }

    func read(_ range: Range<Int>, limit: Int = .max) throws -> Data {
        guard range.count <= limit else { throw InputError("a name of \(range.count) bytes", file: path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw systemError("cannot read", file: path) }
        guard range.upperBound <= Int(status.st_size) else {
            throw InputError(
                "the archive is cut off after \(status.st_size) bytes", file: path, remedy: "fetch it again")
        }
        var data = Data(count: range.count)
        var done = 0
        while done < range.count {
            let count = data.withUnsafeMutableBytes { bytes in
                pread(
                    descriptor, bytes.baseAddress.map { $0 + done }, range.count - done, off_t(range.lowerBound + done))
            }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw systemError("cannot read", file: path, code: count == 0 ? EIO : errno) }
            done += count
        }
        return data
    }

    /// The `path` of an extended header: lines `LENGTH path=NAME`.
    private func paxPath(_ data: Data) -> String? {
        for line in data.split(separator: UInt8(ascii: "\n")) {
            let text = String(decoding: line, as: UTF8.self)
            if let mark = text.range(of: " path=") { return String(text[mark.upperBound...]) }
        }
        return nil
    }
}

/// 512 bytes before each member.
private struct TarHeader {
    static let size = 512

    enum Kind { case file, longName, extended, other }

    let kind: Kind
    let name: String
    /// Bytes of the member.
    let count: Int

    /// Whether it is a member itself, and no word on the next one.
    var describesItself: Bool { kind == .file || kind == .other }

    /// `nil` at the end of the archive.
    init?(_ data: Data, in path: String, at place: Int) throws {
        let bytes = [UInt8](data)
        if bytes.allSatisfy({ $0 == 0 }) { return nil }
        let sum = bytes.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
        guard octal(bytes[148..<156]) == sum else {
            let start = place == 0 ? "no tar archive" : "no header at byte \(place) of the archive"
            throw InputError(start, file: path, remedy: "an archive must not be compressed; make it with `tar cf`")
        }
        guard let count = TarHeader.number(bytes[124..<136]), count <= 1 << 50 else {
            throw InputError("the header at byte \(place) has no length", file: path, remedy: "fetch it again")
        }
        self.count = count
        let prefix =
            bytes[257..<262].elementsEqual("ustar".utf8) && bytes[262] == 0 ? string(Data(bytes[345..<500])) : ""
        let ownName = string(Data(bytes[0..<100]))
        name = prefix.isEmpty ? ownName : "\(prefix)/\(ownName)"
        kind =
            switch bytes[156] {
            case UInt8(ascii: "0"), 0, UInt8(ascii: "7"): .file
            case UInt8(ascii: "L"): .longName
            case UInt8(ascii: "x"): .extended
            default: .other
            }
    }

    /// Octal digits, or, for sizes beyond them, GNU's bytes behind a set bit.
    private static func number(_ field: ArraySlice<UInt8>) -> Int? {
        guard let first = field.first, first & 0x80 != 0 else { return octal(field) }
        return field.dropFirst().reduce(Int?(Int(first & 0x7F))) { sum, byte in
            sum.flatMap { $0 >> 54 == 0 ? $0 << 8 | Int(byte) : nil }
        }
    }
}

private func octal(_ field: ArraySlice<UInt8>) -> Int? {
    let digits = field.drop { $0 == UInt8(ascii: " ") }.prefix { $0 != 0 && $0 != UInt8(ascii: " ") }
    return Int(String(decoding: digits, as: UTF8.self), radix: 8)
}

/// A name up to the zeros behind it.
private func string(_ data: Data) -> String { String(decoding: data.prefix { $0 != 0 }, as: UTF8.self) }
