import FileAccess
import Foundation

/// Numbers at given places of a file; a place beyond its end is an error.
struct ByteReader {
    let data: Data
    /// The least significant byte comes first.
    var isLittleEndian = false

    /// The part that begins at `place`, of at most `count` bytes.
    func part(from place: Int, count: Int = .max) -> ByteReader {
        ByteReader(data: data.dropFirst(max(0, place)).prefix(max(0, count)), isLittleEndian: isLittleEndian)
    }

    func uint8(at place: Int) throws -> Int {
        guard place >= 0 && place < data.count else {
            throw InputError("the file ends too early", remedy: remedyForDamage)
        }
        return Int(data[data.startIndex + place])
    }

    func uint16(at place: Int) throws -> Int {
        let (first, second) = (try uint8(at: place), try uint8(at: place + 1))
        return isLittleEndian ? second << 8 | first : first << 8 | second
    }

    func uint32(at place: Int) throws -> Int {
        let (first, second) = (try uint16(at: place), try uint16(at: place + 2))
        return isLittleEndian ? second << 16 | first : first << 16 | second
    }
}
