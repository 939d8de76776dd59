import Communication
import Foundation
import TestSupport
import Testing

/// What a job that broke off has left is read again. What a watchdog does to a rank is shown by `Tests/fault-test`.
@Suite struct WatchdogTests {
    @Test func theRankThatFellSilentFirstIsNamed() throws {
        try withTemporaryFolder { folder in
            for (rank, seconds) in [(0, -5.0), (1, -64), (2, -3)] {
                let words = "rank \(rank) on host\(rank): computing in iteration 7"
                let path = try write(words, to: "rank-\(rank)", in: folder)
                let time = Date(timeIntervalSinceNow: seconds)
                try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
            }
            #expect(Watchdog.firstSilent(notesIn: folder) == "rank 1 on host1: computing in iteration 7")
        }
    }

    @Test func aJobThatEndedWellHasLeftNoWord() {
        #expect(Watchdog.firstSilent(notesIn: "/nowhere") == nil)
    }

    @Test func oneProcessLeavesAndTakesItsWord() throws {
        try withTemporaryFolder { folder in
            let notes = folder + "/notes"
            let watchdog = try Watchdog(limit: 10, Communicator(), notesIn: notes)
            watchdog.enter(.computing, 3)
            let start = Date()
            while Watchdog.firstSilent(notesIn: notes) == nil && start.timeIntervalSinceNow > -20 { usleep(10_000) }
            #expect(Watchdog.firstSilent(notesIn: notes)?.hasPrefix("rank 0 on ") == true)
            watchdog.stop()
            #expect(Watchdog.firstSilent(notesIn: notes) == nil)
        }
    }
}
