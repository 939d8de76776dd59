import Foundation
import Synchronization
import TensorCore
import Testing

@Suite struct ThreadPoolTests {
    /// How often each chunk ran; filled from many threads.
    private final class Tally: Sendable {
        private let counts: Mutex<[Int]>

        init(_ count: Int) { counts = Mutex([Int](repeating: 0, count: count)) }

        func add(_ index: Int) { counts.withLock { $0[index] += 1 } }
        var all: [Int] { counts.withLock { $0 } }
    }

    private final class Counter: Sendable {
        private let value = Atomic<Int>(0)
        func add() { value.add(1, ordering: .sequentiallyConsistent) }
        var count: Int { value.load(ordering: .sequentiallyConsistent) }
    }

    @Test(arguments: [1, 2, 3, 8], [0, 1, 2, 3, 64, 1000])
    func everyChunkRunsOnce(threads: Int, chunks: Int) {
        let (pool, tally) = (ThreadPool(threadCount: threads), Tally(chunks))
        pool.parallelFor(chunks) { chunk in tally.add(chunk) }
        #expect(tally.all == [Int](repeating: 1, count: chunks))
    }

    @Test(arguments: [(0, 4), (1, 4), (4, 4), (5, 4), (1000, 7)])
    func rangesCoverTheCount(count: Int, size: Int) {
        let (pool, tally) = (ThreadPool(threadCount: 3), Tally(count))
        pool.parallelFor(count, by: size) { range, _ in
            #expect(range.count == size || range.upperBound == count)
            for index in range { tally.add(index) }
        }
        #expect(tally.all == [Int](repeating: 1, count: count))
    }

    @Test(arguments: [1, 2, 5]) func aThreadRunsOneChunkAtATime(threads: Int) {
        let (pool, busy, clashes) = (ThreadPool(threadCount: threads), Tally(threads), Counter())
        let scratch = UnsafeMutablePointer<Int>.allocate(capacity: threads)
        defer { scratch.deallocate() }
        scratch.update(repeating: -1, count: threads)
        pool.parallelFor(2000) { chunk, thread in
            busy.add(thread)
            scratch[thread] = chunk
            for _ in 0..<20 where scratch[thread] != chunk { clashes.add() }
        }
        #expect(clashes.count == 0)
        #expect(busy.all.reduce(0, +) == 2000)
    }

    /// More threads than cores, so that workers lose their core at every point of the protocol.
    @Test(arguments: [2, 3, 7]) func shortLoopsBackToBackLoseNothing(threads: Int) {
        let pool = ThreadPool(threadCount: threads)
        let cells = UnsafeMutablePointer<Int>.allocate(capacity: 8)
        defer { cells.deallocate() }
        cells.update(repeating: 0, count: 8)
        var expected = 0
        for loop in 0..<5000 {
            let chunks = 1 + loop % 8
            expected += chunks
            pool.parallelFor(chunks) { chunk in cells[chunk] += 1 }
            // What chunks wrote is seen by the caller and by the next loop's chunks without further ado.
            let found = (0..<8).reduce(0) { $0 + cells[$1] }
            guard found == expected else {
                Issue.record("\(found) chunks of \(expected) after loop \(loop)")
                return
            }
        }
    }

    @Test func sleepingWorkersWakeUp() {
        let pool = ThreadPool(threadCount: 3)
        let byWorkers = Counter()
        for _ in 0..<20 where byWorkers.count == 0 {
            usleep(2000)
            pool.parallelFor(3) { _, thread in
                if thread > 0 { byWorkers.add() }
                usleep(3000)
            }
        }
        #expect(byWorkers.count > 0)
    }

    @Test(arguments: [1, 4]) func theHookRunsOnTheCallingThread(threads: Int) {
        let pool = ThreadPool(threadCount: threads)
        let caller = pthread_self()
        let (calls, strangers, own) = (Counter(), Counter(), Counter())
        pool.betweenChunks = {
            calls.add()
            if pthread_equal(pthread_self(), caller) == 0 { strangers.add() }
        }
        pool.parallelFor(100) { _, thread in if thread == 0 { own.add() } }
        #expect(strangers.count == 0)
        #expect(calls.count >= own.count)
        #expect(threads > 1 || calls.count == 100)
    }

    /// A caller that waits for another's long chunk goes on polling.
    @Test func theHookRunsWhileWaiting() {
        let pool = ThreadPool(threadCount: 2)
        let (calls, byWorker) = (Counter(), Counter())
        pool.betweenChunks = { calls.add() }
        for _ in 0..<20 where byWorker.count == 0 {
            let before = calls.count
            pool.parallelFor(2) { _, thread in
                if thread > 0 { byWorker.add() }
                usleep(thread > 0 ? 20_000 : 1000)
            }
            if byWorker.count == 1 { #expect(calls.count - before > 3) }
        }
        #expect(byWorker.count > 0)
    }

    @Test func poolsEndCleanly() {
        for number in 0..<100 {
            let pool = ThreadPool(threadCount: 1 + number % 4)
            if number % 3 == 0 { continue }
            pool.parallelFor(5) { _ in }
            if number % 10 == 1 { usleep(1000) }
        }
    }

    @Test func theDefaultIsTheCoresTheProcessMayUse() {
        #expect(availableCores() >= 1)
        #expect(ThreadPool().threadCount == availableCores())
    }

    @Test func refusesNoThreads() async {
        await #expect(processExitsWith: .failure) { _ = ThreadPool(threadCount: 0) }
    }
}
