import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct AtomicWritingTests {
    @Test func piecesBecomeOneFile() throws {
        try withTemporaryFolder { folder in
            let path = join(folder, "deeper/file")
            try writeAtomically(to: path) { file in
                for piece in [[1, 2], [], [3]] as [[UInt8]] { try piece.withUnsafeBytes(file.append) }
            }
            #expect(try Array(readFile(path)) == [1, 2, 3])
            try writeAtomically(Data(), to: path)
            #expect(try readFile(path).isEmpty)
        }
    }

    @Test func aFailureLeavesTheOldFileAndNothingElse() throws {
        struct Failure: Error {}
        try withTemporaryFolder { folder in
            let path = join(folder, "file")
            try writeAtomically(Data([7]), to: path)
            #expect(throws: Failure.self) {
                try writeAtomically(to: path) { file in
                    try [UInt8](repeating: 0, count: 10_000).withUnsafeBytes(file.append)
                    throw Failure()
                }
            }
            #expect(try Array(readFile(path)) == [7])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["file"])
        }
    }

    @Test func anImpossiblePathIsAnInputError() {
        #expect(throws: InputError.self) { try writeAtomically(Data(), to: "/proc/no/such/file") }
        #expect(throws: InputError.self) { try writeAtomically(Data(), to: "/proc") }
    }
}
