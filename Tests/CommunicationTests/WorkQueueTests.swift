import Communication
import Foundation
import Testing

/// The queue of a process alone; what several ranks do is checked by `selftest`.
@Suite struct WorkQueueTests {
    @Test(arguments: [0, 1, 7, 100, 5000], [1, 2, 3, 64])
    func sharesCoverTheWorkOnceAndShrink(_ count: Int, _ ranks: Int) {
        let shares = WorkQueue.shares(of: count, ranks: ranks)
        #expect(shares.flatMap { Array($0) } == Array(0..<count))
        #expect(shares.map(\.count) == shares.map(\.count).sorted(by: >))
        #expect(shares.allSatisfy { $0.count <= max(1, count / (8 * ranks)) })
    }

    @Test func aloneAllComesInOrder() throws {
        let queue = try WorkQueue(count: 5, in: NSTemporaryDirectory(), Communicator())
        var taken: [Int] = []
        while let next = try queue.next() { taken.append(next) }
        #expect(taken == [0, 1, 2, 3, 4])
        queue.close()
    }
}
