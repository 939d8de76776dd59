package import Foundation

/// What a file looks like that is not what was wanted, and what would make that of it.
package struct FileLook: Equatable, Sendable {
    package let what: String
    package let remedy: String?

    package init(_ what: String, _ remedy: String? = nil) { (self.what, self.remedy) = (what, remedy) }

    /// The look as an error; `wanted` says what was.
    package func error(wanted: String) -> InputError {
        InputError("this looks like \(what)", remedy: (remedy.map { $0 + ": " } ?? "") + wanted)
    }
}

/// Packed files, images and tables, told by their first bytes; `nil` for what may be text.
package func binaryLook(_ data: Data) -> FileLook? {
    let starts: [(bytes: [UInt8], look: FileLook)] = [
        ([0x1F, 0x8B], FileLook("a gzip file", "unpack it (gunzip)")),
        ([0x50, 0x4B, 0x03, 0x04], FileLook("a zip archive", "unpack it (unzip)")),
        (Array("BZh".utf8), FileLook("a bzip2 file", "unpack it (bunzip2)")),
        ([0xFD, 0x37, 0x7A, 0x58, 0x5A], FileLook("an xz file", "unpack it (unxz)")),
        ([0x28, 0xB5, 0x2F, 0xFD], FileLook("a zstd file", "unpack it (unzstd)")),
        ([0x37, 0x7A, 0xBC, 0xAF], FileLook("a 7z archive", "unpack it")),
        (Array("Rar!".utf8), FileLook("a RAR archive", "unpack it")),
        (Array("PAR1".utf8), FileLook("a Parquet table")), (Array("SQLite".utf8), FileLook("an SQLite data base")),
        ([0xFF, 0xD8, 0xFF], FileLook("a JPEG image")), ([0x89, 0x50, 0x4E, 0x47], FileLook("a PNG image")),
        ([0xFF, 0xFE], FileLook("text in UTF-16", "save it as UTF-8")),
        ([0xFE, 0xFF], FileLook("text in UTF-16", "save it as UTF-8")),
    ]
    if data.isEmpty { return FileLook("nothing: the file is empty", "get it again") }
    if let known = starts.first(where: { data.starts(with: $0.bytes) }) { return known.look }
    if isTar(data) { return FileLook("a tar archive", "unpack it (tar xf)") }
    return data.prefix(512).contains(0) ? FileLook("no text, but binary data") : nil
}

/// Whether a file begins with the header of a tar archive, POSIX's or GNU's.
package func isTar(_ data: Data) -> Bool {
    data.count > 262 && data.dropFirst(257).starts(with: Array("ustar".utf8))
}
