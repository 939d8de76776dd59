import Communication
import FileAccess
import Foundation
import Runs
import StageSupport
import Stages

/// Something that must hold whatever the number of ranks; all of them run it.
struct Check: Sendable {
    let name: String
    let body: @Sendable (Ranks) throws -> Void

    init(_ name: String, _ body: @escaping @Sendable (Ranks) throws -> Void) { (self.name, self.body) = (name, body) }
}

/// The ranks, and a folder they share.
final class Ranks {
    let world: Communicator
    let folder: String
    /// What the check at hand has found wrong, on this rank.
    private var problems: [String] = []
    private var references = 0

    init(_ world: Communicator) throws {
        self.world = world
        let number = Int(try world.broadcast(Double(getpid())))
        folder = join(NSTemporaryDirectory(), "bana-selftest-\(number)")
        if world.isRoot { try makeFolder(folder) }
        try world.barrier()
    }

    /// Runs a check; whether no rank has found anything wrong.
    func pass(_ check: Check) throws -> Bool {
        problems = []
        let start = Date()
        try check.body(self)
        for problem in problems { say("rank \(world.rank): \(check.name): \(problem)") }
        let isFine = try world.allReduce([Double(problems.count)])[0] == 0
        if world.isRoot {
            say(String(format: "%@ %@ (%.1f s)", isFine ? "passed" : "FAILED", check.name, -start.timeIntervalSinceNow))
        }
        return isFine
    }

    func expect(_ condition: Bool, _ problem: @autoclosure () -> String) {
        if !condition { problems.append(problem()) }
    }

    /// Runs `body` on rank 0 as if it were the only process.
    ///
    /// The others sleep meanwhile: in a barrier they would spin, and take the cores.
    func alone(_ body: (Session) throws -> Void) throws {
        references += 1
        let mark = join(folder, "reference-\(references)")
        if world.isRoot {
            try body(makeSession())
            try writeAtomically(Data(), to: mark)
        }
        while !exists(mark) { usleep(2000) }
        try world.barrier()
    }

    /// Runs `body` on all ranks as one job.
    func together(_ body: (Session) throws -> Void) throws {
        try body(makeSession(world))
        try world.barrier()
    }

    func say(_ text: String) {
        FileHandle.standardOutput.write(Data((text + "\n").utf8))
    }
}
