import FileAccess
import Foundation
import TestSupport
import Testing

/// What is no file is refused at once, by what it is.
@Suite struct OpeningFilesTests {
    private func messages(_ path: String) -> [String] {
        [message { _ = try readFile(path) }, message { _ = try readBeginning(of: path, 8) }]
    }

    private func link(_ path: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    }

    @Test(.timeLimit(.minutes(1))) func aPipeOrADeviceIsNoFile() throws {
        try withTemporaryFolder { folder in
            #expect(mkfifo(join(folder, "pipe"), 0o600) == 0)
            try link(join(folder, "link"), to: "pipe")
            try link(join(folder, "zero"), to: "/dev/zero")
            for (name, kind) in [("pipe", "a pipe"), ("link", "a pipe"), ("zero", "a device")] {
                for said in messages(join(folder, name)) {
                    #expect(said.contains("\(name): cannot read: it is \(kind); "), "\(said)")
                }
            }
            for said in messages(folder) { #expect(said.contains("it is a folder"), "\(said)") }
        }
    }

    @Test func aLinkToNothingSaysWhereItLeads() throws {
        try withTemporaryFolder { folder in
            try link(join(folder, "a"), to: "z")
            for said in messages(join(folder, "a")) {
                #expect(said.hasSuffix("a: cannot read: a link to 'z', which is not there"), "\(said)")
            }
            let said = message { try makeFolder(join(folder, "a")) }
            #expect(said.hasSuffix("a: cannot make this folder: a link to 'z', which is not there"), "\(said)")
        }
    }

    @Test func aNameThatIsNotUTF8IsToldOf() throws {
        try withTemporaryFolder { folder in
            let bytes = Array("\(folder)/caf".utf8) + [0xE9] + Array(".jpg\0".utf8)
            let descriptor = bytes.withUnsafeBufferPointer { name in
                name.withMemoryRebound(to: CChar.self) { open($0.baseAddress!, O_CREAT | O_WRONLY, 0o600) }
            }
            #expect(descriptor >= 0)
            close(descriptor)
            let names = try dataFiles(in: folder, imageExtensions)
            #expect(names.count == 1)
            for said in messages(join(folder, names.first ?? "")) {
                #expect(said.contains("cannot read: its name is not UTF-8; rename it"), "\(said)")
            }
        }
    }

    @Test func aStreamCannotBeReadTwice() throws {
        try withTemporaryFolder { folder in
            #expect(mkfifo(join(folder, "pipe"), 0o600) == 0)
            #expect(message { try refuseStream(join(folder, "pipe")) }.contains("read more than once"))
            #expect(throws: Never.self) { try refuseStream(write("x", to: "file", in: folder)) }
            #expect(throws: Never.self) { try refuseStream(folder) }
        }
    }
}
