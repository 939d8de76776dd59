import FileAccess
import Foundation
import TestSupport
import Testing

/// What lies where an output goes decides how it is written.
@Suite struct OutputTargetTests {
    private let manager = FileManager.default

    private func text(_ path: String) throws -> String { String(decoding: try readFile(path), as: UTF8.self) }

    @Test(arguments: ["target", "./deeper/../target", "dangling"])
    func aLinkStaysAndItsTargetIsWritten(_ destination: String) throws {
        try withTemporaryFolder { folder in
            let link = join(folder, "link")
            if destination != "dangling" {
                try makeFolder(join(folder, "deeper"))
                try writeAtomically(Data("old".utf8), to: join(folder, "target"))
            }
            try manager.createSymbolicLink(atPath: link, withDestinationPath: destination)
            try writeAtomically(Data("new".utf8), to: link)
            #expect(try manager.destinationOfSymbolicLink(atPath: link) == destination)
            #expect(try text(join(folder, destination == "dangling" ? "dangling" : "target")) == "new")
        }
    }

    @Test func linksInACircleAreToldOf() throws {
        try withTemporaryFolder { folder in
            for (from, to) in [("a", "b"), ("b", "a")] {
                try manager.createSymbolicLink(atPath: join(folder, from), withDestinationPath: to)
            }
            let said = message { try writeAtomically(Data(), to: join(folder, "a")) }
            #expect(said.contains("the link leads in a circle"), "\(said)")
        }
    }

    @Test func aPipeIsWrittenTo() throws {
        try withTemporaryFolder { folder in
            let path = join(folder, "pipe")
            #expect(mkfifo(path, 0o600) == 0)
            // A reader, so that opening does not wait; what is written stays in the pipe.
            let reader = open(path, O_RDONLY | O_NONBLOCK)
            defer { close(reader) }
            try writeAtomically(Data("through".utf8), to: path)
            var bytes = [UInt8](repeating: 0, count: 100)
            let count = read(reader, &bytes, bytes.count)
            #expect(String(decoding: bytes.prefix(max(0, count)), as: UTF8.self) == "through")
            #expect(try fileNames(in: folder) == ["pipe"])
        }
    }

    @Test func aFullDeviceIsTheMachinesFault() throws {
        try writeAtomically(Data("away".utf8), to: "/dev/null")
        #expect(throws: MachineError.self) { try writeAtomically(Data("x".utf8), to: "/dev/full") }
    }

    @Test func standardOutputHasAName() throws {
        let said = message { try writeAtomically(Data(), to: "-") }
        #expect(
            said
                == "-: cannot write: - names no file here; give /dev/stdout for standard output, ./- for a file of this name"
        )
        #expect(!exists("-"))
    }

    /// A file system like others, though it lies where devices do.
    @Test(.enabled(if: isDirectory("/dev/shm"))) func filesInSharedMemoryAreReplaced() throws {
        let folder = "/dev/shm/bana-test-\(UUID().uuidString)"
        defer { try? manager.removeItem(atPath: folder) }
        let path = join(folder, "deeper/metrics.jsonl")
        try writeAtomically(Data("a longer text".utf8), to: path)
        try writeAtomically(Data("short".utf8), to: path)
        #expect(try text(path) == "short")
    }

    @Test func theModeOfTheFileThatIsThereStays() throws {
        try withTemporaryFolder { folder in
            let path = join(folder, "script")
            try writeAtomically(Data("1".utf8), to: path)
            chmod(path, 0o751)
            try writeAtomically(Data("2".utf8), to: path)
            #expect(try manager.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o751)
        }
    }

    @Test func theLongestNamesCanBeWritten() throws {
        try withTemporaryFolder { folder in
            let name = String(repeating: "n", count: 251) + ".png"
            try writeAtomically(Data("1".utf8), to: join(folder, name))
            #expect(try fileNames(in: folder) == [name])
        }
    }
}

/// What a process that died left half done.
@Suite struct UnfinishedFilesTests {
    /// A process that has ended.
    private func deadProcess() throws -> Int32 {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        return process.processIdentifier
    }

    @Test func onlyWhatDeadProcessesLeftGoes() throws {
        try withTemporaryFolder { folder in
            let own = ProcessIdentity.own.tag.split(separator: "-").map(String.init)
            let dead = "\(own[0])-\(try deadProcess())-1"
            let other = "00000000-1-1"
            let reused = "\(own[0])-\(own[1])-7"
            for tag in [dead, other, reused, ProcessIdentity.own.tag] {
                try writeAtomically(Data(), to: join(folder, ".bana-\(tag)-1.tmp"))
            }
            try writeAtomically(Data(), to: join(folder, ".bana-\(dead)-2.tmp/within"))
            try writeAtomically(Data(), to: join(folder, "a.tmp"))
            try removeUnfinishedFiles(in: folder)
            #expect(
                try fileNames(in: folder)
                    == [".bana-\(other)-1.tmp", ".bana-\(ProcessIdentity.own.tag)-1.tmp", "a.tmp"].sorted())
            try removeUnfinishedFiles(in: folder, evenOfOthers: true)
            #expect(try fileNames(in: folder) == [".bana-\(ProcessIdentity.own.tag)-1.tmp", "a.tmp"].sorted())
        }
    }
}

@Suite struct DataFilesTests {
    @Test func oneRuleSaysWhatIsData() throws {
        try withTemporaryFolder { folder in
            for name in ["b.PNG", "a.jpg", "c.Jpeg", "._a.jpg", ".DS_Store", "Thumbs.db", "d.gif", "jpg", "a.xml"] {
                try writeAtomically(Data(), to: join(folder, name))
            }
            try makeFolder(join(folder, "e.jpg"))
            #expect(mkfifo(join(folder, "f.jpg"), 0o600) == 0)
            try FileManager.default.createSymbolicLink(
                atPath: join(folder, "g.jpg"), withDestinationPath: join(folder, "a.jpg"))
            try FileManager.default.createSymbolicLink(atPath: join(folder, "h.jpg"), withDestinationPath: "none")
            #expect(try dataFiles(in: folder, imageExtensions) == ["a.jpg", "b.PNG", "c.Jpeg", "g.jpg", "h.jpg"])
            #expect(DataFolder(folder, imageExtensions).names(of: "b") == ["b.PNG"])
            #expect(DataFolder(join(folder, "none"), imageExtensions).names(of: "b") == [])
            #expect(throws: InputError.self) { try dataFiles(in: join(folder, "none"), ["xml"]) }
        }
    }
}
