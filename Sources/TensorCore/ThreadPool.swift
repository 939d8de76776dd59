import CSystem
import Foundation
import Synchronization

/// Threads that share loops cut into chunks.
///
/// The calling thread works too, so a pool of one starts no threads. Idle workers spin for some microseconds, then
/// sleep. A caller waits only for chunks that were begun: a worker that lost its core before it took a chunk holds
/// nobody up.
///
/// One thread at a time may use a pool, and a chunk may not start another loop on it.
package final class ThreadPool {
    /// Number of threads, the caller included.
    package let threadCount: Int
    /// Called on the calling thread between its chunks and while it waits; for polling what must make progress.
    package var betweenChunks: (() -> Void)?

    private let shared: SharedState
    private var workers: [pthread_t] = []

    /// A pool of `threadCount` threads; by default as many as the process may run on.
    package init(threadCount: Int = availableCores()) {
        precondition(threadCount >= 1, "a pool of \(threadCount) threads")
        self.threadCount = threadCount
        shared = SharedState()
        for thread in 1..<threadCount { startWorker(thread) }
    }

    deinit {
        shared.stop()
        for worker in workers { pthread_join(worker, nil) }
    }

    /// Runs `body` for every chunk in 0..<`chunks`, on all threads, and returns when all are done.
    ///
    /// Chunks are taken in ascending order. For results that do not depend on the number of threads, cut the work by
    /// its shape alone, and let a chunk write only what is its own.
    package func parallelFor(_ chunks: Int, _ body: (_ chunk: Int) -> Void) {
        parallelFor(chunks) { chunk, _ in body(chunk) }
    }

    /// The same, telling `body` which of the `threadCount` threads runs it, so that it can use that thread's scratch.
    package func parallelFor(_ chunks: Int, _ body: (_ chunk: Int, _ thread: Int) -> Void) {
        if threadCount == 1 || chunks <= 1 {
            for chunk in 0..<chunks {
                body(chunk, 0)
                betweenChunks?()
            }
            return
        }
        precondition(chunks <= Ticket.maxChunks, "\(chunks) chunks in one loop")
        withoutActuallyEscaping(body) { escapable in
            shared.publish(escapable, chunks: chunks)
            while shared.runOneChunk(thread: 0) { betweenChunks?() }
            shared.waitUntilDone(chunks, polling: betweenChunks)
        }
    }

    /// Cuts 0..<`count` into ranges of `size` (the last may be shorter) and runs `body` for each.
    package func parallelFor(_ count: Int, by size: Int, _ body: (_ range: Range<Int>, _ thread: Int) -> Void) {
        parallelFor((count + size - 1) / size) { chunk, thread in
            body(chunk * size..<min(count, (chunk + 1) * size), thread)
        }
    }

    private func startWorker(_ index: Int) {
        var thread = pthread_t()
        let life = Unmanaged.passRetained(Life(shared, index))
        let status = pthread_create(
            &thread, nil,
            { argument in
                guard let argument else { return nil }
                let life = Unmanaged<Life>.fromOpaque(argument).takeRetainedValue()
                life.shared.work(as: life.index)
                return nil
            }, life.toOpaque())
        if status == 0 { workers.append(thread) } else { life.release() }
    }

    /// What a worker is born with.
    private final class Life {
        let shared: SharedState, index: Int
        init(_ shared: SharedState, _ index: Int) { (self.shared, self.index) = (shared, index) }
    }
}

/// A loop's number, its length and its next chunk in one word, so that one exchange takes a chunk of the right loop.
private struct Ticket {
    static let maxChunks = 1 << 20
    var loop: UInt64, chunks: Int, next: Int

    init(loop: UInt64, chunks: Int, next: Int) {
        (self.loop, self.chunks, self.next) = (loop, chunks, next)
    }

    init(word: UInt64) {
        loop = word >> 42
        chunks = Int(word >> 21 & 0x1F_FFFF)
        next = Int(word & 0x1F_FFFF)
    }

    var word: UInt64 { loop << 42 | UInt64(chunks) << 21 | UInt64(next) }
}

/// What the caller and the workers share.
private final class SharedState: @unchecked Sendable {
    private let ticket = Atomic<UInt64>(0)
    private let finished = Atomic<Int>(0)
    private let sleepers = Atomic<Int>(0)
    private let stopping = Atomic<Bool>(false)
    /// Written by the caller while no chunk can be taken; read only by who holds a chunk.
    private var body: ((Int, Int) -> Void)?
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wake = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

    init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wake, nil)
    }

    deinit {
        pthread_cond_destroy(wake)
        pthread_mutex_destroy(mutex)
        wake.deallocate()
        mutex.deallocate()
    }

    func publish(_ body: @escaping (Int, Int) -> Void, chunks: Int) {
        self.body = body
        finished.store(0, ordering: .relaxed)
        let last = Ticket(word: ticket.load(ordering: .relaxed))
        ticket.store(
            Ticket(loop: (last.loop + 1) & 0x3F_FFFF, chunks: chunks, next: 0).word, ordering: .sequentiallyConsistent)
        if sleepers.load(ordering: .sequentiallyConsistent) > 0 { wakeAll() }
    }

    /// Takes a chunk and runs it; false when none is left.
    func runOneChunk(thread: Int) -> Bool {
        var word = ticket.load(ordering: .acquiring)
        while true {
            var next = Ticket(word: word)
            guard next.next < next.chunks else { return false }
            let chunk = next.next
            next.next += 1
            let (exchanged, current) = ticket.compareExchange(
                expected: word, desired: next.word, ordering: .acquiringAndReleasing)
            if exchanged {
                body?(chunk, thread)
                finished.add(1, ordering: .acquiringAndReleasing)
                return true
            }
            word = current
        }
    }

    func waitUntilDone(_ chunks: Int, polling: (() -> Void)?) {
        var spins = 0
        while finished.load(ordering: .acquiring) < chunks {
            polling?()
            spins += 1
            if spins > SharedState.spins { sched_yield() }
        }
        body = nil
    }

    /// A worker's life: run chunks, spin, sleep.
    func work(as thread: Int) {
        while !stopping.load(ordering: .acquiring) {
            if runOneChunk(thread: thread) { continue }
            let seen = ticket.load(ordering: .acquiring)
            var spins = 0
            while spins < SharedState.spins && ticket.load(ordering: .acquiring) == seen { spins += 1 }
            if spins == SharedState.spins { sleep(until: seen) }
        }
    }

    func stop() {
        stopping.store(true, ordering: .sequentiallyConsistent)
        wakeAll()
    }

    private func sleep(until seen: UInt64) {
        pthread_mutex_lock(mutex)
        sleepers.add(1, ordering: .sequentiallyConsistent)
        while ticket.load(ordering: .sequentiallyConsistent) == seen && !stopping.load(ordering: .acquiring) {
            pthread_cond_wait(wake, mutex)
        }
        sleepers.subtract(1, ordering: .sequentiallyConsistent)
        pthread_mutex_unlock(mutex)
    }

    private func wakeAll() {
        pthread_mutex_lock(mutex)
        pthread_cond_broadcast(wake)
        pthread_mutex_unlock(mutex)
    }

    /// Some tens of microseconds.
    private static let spins = 20_000
}
