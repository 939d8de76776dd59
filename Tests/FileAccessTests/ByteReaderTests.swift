import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct ByteReaderTests {
    /// A slice, whose indices do not begin at 0.
    private let bytes = Data([9, 9, 0x01, 0x02, 0xFF, 0x41, 0x42, 0x0A, 0x43]).dropFirst(2)

    @Test func numbersHaveTheirByteOrder() throws {
        var reader = ByteReader(bytes)
        #expect(try reader.integer(UInt16.self, at: 0) == 0x0201)
        reader.order = .bigEndian
        #expect(try reader.integer(UInt16.self, at: 0) == 0x0102)
        #expect(try reader.integer(Int8.self, at: 2) == -1)
        #expect(try ByteReader(Data(repeating: 0xFF, count: 8)).integer(UInt64.self, at: 0) == .max)
        #expect(reader.position == 0)
    }

    @Test func valuesFollowOneAnother() throws {
        var reader = ByteReader(bytes, at: 1)
        #expect(try reader.integer(UInt8.self) == 2)
        #expect(try reader.take(1) == Data([0xFF]))
        #expect(try reader.line() == "AB")
        #expect(reader.position == 6)
        #expect(try reader.text(1) == "C")
        #expect(try reader.take(0).isEmpty)
    }

    @Test func nothingIsReadBeyondTheEnd() throws {
        var reader = ByteReader(bytes, remedy: "fetch it again")
        #expect(message { try reader.integer(UInt32.self, at: 4) } == "ends too early, at byte 7; fetch it again")
        #expect(message { try reader.take(8) }.hasPrefix("ends too early"))
        #expect(message { try reader.integer(UInt8.self, at: -1) }.hasPrefix("ends too early"))
        #expect(message { try reader.integer(UInt8.self, at: .max) }.hasPrefix("ends too early"))
        #expect(reader.position == 0)
        #expect(message { try reader.text(3) }.hasPrefix("has a text that is not UTF-8"))
    }

    @Test func aPartEndsWhereItIsCut() throws {
        let part = ByteReader(bytes, order: .bigEndian).reader(at: 1, count: 2)
        #expect(try part.integer(UInt16.self, at: 0) == 0x02FF)
        #expect(message { try part.integer(UInt8.self, at: 2) }.hasPrefix("ends too early, at byte 2"))
        #expect(message { try ByteReader(bytes).reader(at: 99).integer(UInt8.self, at: 0) }.hasPrefix("ends too early"))
    }
}
