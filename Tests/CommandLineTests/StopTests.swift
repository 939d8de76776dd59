import FileAccess
import Foundation
import StageSupport
import TestSupport
import Testing

/// A run may be stopped, or die, at any moment: the same command goes on to the same weights.
@Suite(.serialized) struct StopTests {
    private static let line = "train classifier --config classifier.yaml --threads 1"
    /// Steps that are long enough to be disturbed.
    private static let changes =
        "--set solver.iterations=24 --set checkpoint.iterations=3 --set model.width=0.25 --set solver.batch=4"

    /// Lets `disturb` do its work to a run, then runs the same command again, and compares with an undisturbed run.
    private func expectSameEnd(_ disturb: (Process, _ run: String) throws -> Int32) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let command = "\(StopTests.line) \(StopTests.changes)"
            try place.expectSuccess("\(command) --run undisturbed")
            let run = join(place.folder, "run")
            try disturbInTime(place, command, run, disturb)
            try place.expectSuccess("\(command) --run run")
            let undisturbed = join(place.folder, "undisturbed")
            #expect(
                try readFile(join(run, "model.safetensors")) == readFile(join(undisturbed, "model.safetensors")))
            #expect(try losses(of: run) == losses(of: undisturbed))
            #expect(try losses(of: run).count == 24)
        }
    }

    /// Disturbs a run; on a busy machine it may have ended by then, which says nothing: then another one.
    private func disturbInTime(
        _ place: Workplace, _ command: String, _ run: String, _ disturb: (Process, _ run: String) throws -> Int32
    ) throws {
        for _ in 0..<10 {
            let process = try place.start("\(command) --run run")
            let code = try disturb(process, run)
            process.waitUntilExit()
            if exists(join(run, "model.safetensors")) {
                try removeItem(run)
                continue
            }
            #expect(process.terminationStatus == code)
            return
        }
        Issue.record("ten runs ended before they could be disturbed")
    }

    @Test(arguments: [SIGTERM, SIGINT, SIGUSR1])
    func aSignalSavesAndLeaves(_ signal: Int32) throws {
        try expectSameEnd { process, run in
            try wait(for: process) { iterations(of: run) >= 2 }
            kill(process.processIdentifier, signal)
            return 75
        }
    }

    @Test(arguments: [1, 7, 15])
    func aKilledRunGoesOnFromItsLastCheckpoint(_ iteration: Int) throws {
        try expectSameEnd { process, run in
            try wait(for: process) { iterations(of: run) >= iteration }
            kill(process.processIdentifier, SIGKILL)
            return SIGKILL
        }
    }

    /// A checkpoint that is half written does not count.
    @Test func aRunKilledWhileItSavesGoesOn() throws {
        try expectSameEnd { process, run in
            let checkpoints = join(run, "checkpoints")
            try wait(for: process) { !names(checkpoints).filter { $0.hasSuffix(".tmp") }.isEmpty }
            kill(process.processIdentifier, SIGKILL)
            return SIGKILL
        }
    }

    private func iterations(of run: String) -> Int {
        (try? readFile(join(run, "metrics.jsonl")))?.count { $0 == UInt8(ascii: "\n") } ?? 0
    }

    private func names(_ folder: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }

    /// Looks again and again while the process runs, for a minute at most.
    private func wait(for process: Process, until condition: () -> Bool) throws {
        let start = Date()
        while process.isRunning, !condition() {
            try #require(start.timeIntervalSinceNow > -60)
            usleep(1000)
        }
    }
}
