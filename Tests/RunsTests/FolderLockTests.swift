import FileAccess
import Foundation
import Runs
import Synchronization
import TestSupport
import Testing

/// One job at a time works in a folder.
@Suite struct FolderLockTests {
    private func lock(_ folder: String, part: String? = nil, patience: Double = 60) throws -> FolderLock {
        try FolderLock(folder, part: part, patience: patience) { _ in }
    }

    private func refusal(_ body: () throws -> FolderLock) -> String {
        do {
            _ = try body()
            return "none"
        } catch {
            return error is FolderInUse ? "\(error)" : "another error: \(error)"
        }
    }

    /// Changes what the lock says of its holder.
    private func edit(_ folder: String, _ change: (inout [String: Any]) -> Void) throws {
        let path = join(folder, ".lock")
        let object = try JSONSerialization.jsonObject(with: readFile(path)) as? [String: Any]
        var holder = try #require(object)
        var process = try #require(holder["process"] as? [String: Any])
        change(&process)
        holder["process"] = process
        holder["token"] = "of another"
        try writeAtomically(JSONSerialization.data(withJSONObject: holder), to: path)
    }

    @Test func aSecondJobIsToldWhoWorksThere() throws {
        try withTemporaryFolder { folder in
            let first = try lock(folder)
            let said = refusal { try lock(folder) }
            #expect(said.contains("\(folder): another job works in this folder: process \(getpid()) on "), "\(said)")
            first.release()
            try lock(folder).release()
            #expect(try fileNames(in: folder) == [])
        }
    }

    /// As `cp -r` copies the folder of a job that works.
    @Test func aCopiedLockIsAnothers() throws {
        try withTemporaryFolder { folder in
            let first = try lock(join(folder, "run"))
            try FileManager.default.copyItem(atPath: join(folder, "run"), toPath: join(folder, "copy"))
            try lock(join(folder, "copy")).release()
            try FileManager.default.moveItem(atPath: join(folder, "run"), toPath: join(folder, "moved"))
            let said = refusal { try lock(join(folder, "moved")) }
            #expect(said.contains("another job works in this folder"), "\(said)")
            first.release()
        }
    }

    @Test func aFolderMadeForNothingGoes() throws {
        try withTemporaryFolder { folder in
            let path = join(folder, "run")
            try lock(path).release()
            #expect(!exists(path))
            let held = try lock(path)
            try writeAtomically(Data(), to: join(path, "work"))
            held.release()
            #expect(try fileNames(in: path) == ["work"])
        }
    }

    @Test func whatADeadProcessLeftIsTakenOver() throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/true")
        try process.run()
        process.waitUntilExit()
        try withTemporaryFolder { folder in
            let left = try lock(folder)
            try edit(folder) { $0["number"] = process.processIdentifier }
            let start = Date()
            try lock(folder).release()
            #expect(start.timeIntervalSinceNow > -30)
            left.release()
        }
    }

    @Test func aNumberThatIsUsedAgainIsNoHolder() throws {
        try withTemporaryFolder { folder in
            let left = try lock(folder)
            try edit(folder) { $0["start"] = "1" }
            try lock(folder).release()
            left.release()
        }
    }

    /// Of another machine only the touching tells.
    @Test func anotherMachinesLockHoldsAsLongAsItIsTouched() throws {
        try withTemporaryFolder { folder in
            let left = try lock(folder)
            try edit(folder) { $0["realm"] = "another machine" }
            let isTouching = Mutex(true)
            let path = join(folder, ".lock")
            Thread {
                while isTouching.withLock({ $0 }) {
                    utimensat(AT_FDCWD, path, nil, 0)
                    usleep(50_000)
                }
            }.start()
            #expect(refusal { try lock(folder, patience: 3) } != "none")
            isTouching.withLock { $0 = false }
            usleep(200_000)
            let start = Date()
            let next = try lock(folder, patience: 1)
            #expect(start.timeIntervalSinceNow > -20)
            next.release()
            left.release()
        }
    }

    @Test func partsOfAnArrayShareTheFolder() throws {
        try withTemporaryFolder { folder in
            let (first, second) = (try lock(folder, part: "1-of-2"), try lock(folder, part: "2-of-2"))
            #expect(refusal { try lock(folder, part: "1-of-2") } != "none")
            #expect(refusal { try lock(folder) } != "none", "one that wants the whole folder")
            first.release()
            #expect(refusal { try lock(folder) } != "none")
            second.release()
            let whole = try lock(folder)
            #expect(refusal { try lock(folder, part: "1-of-2") } != "none")
            whole.release()
            #expect(try fileNames(in: folder) == [])
        }
    }

    @Test func whoLosesTheFolderIsTold() throws {
        try withTemporaryFolder { folder in
            let said = Mutex("")
            let held = try FolderLock(folder, patience: 0.3) { text in said.withLock { $0 = text } }
            try edit(folder) { _ in }
            for _ in 0..<100 where said.withLock({ $0.isEmpty }) { usleep(50_000) }
            #expect(said.withLock { $0 }.contains("another job has taken this folder"))
            held.release()
            #expect(exists(join(folder, ".lock")), "the other's lock stays")
        }
    }
}
