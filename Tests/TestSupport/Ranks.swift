import Foundation

/// Adds up the given numbers over all ranks, in place.
package typealias SumOverRanks = (UnsafeMutableBufferPointer<Double>) -> Void

/// Runs `body` once for each rank, all at the same time, as processes that can add up numbers would; what each gave.
package func withRanks<Result: Sendable>(
    _ count: Int, _ body: @escaping @Sendable (_ rank: Int, _ sum: @escaping SumOverRanks) -> Result
) -> [Result] {
    let (meeting, results) = (Meeting(count), Results<Result>(count))
    for rank in 0..<count {
        Thread { results.set(rank, body(rank, meeting.sum)) }.start()
    }
    return results.wait()
}

/// Where ranks wait for each other.
private final class Meeting: @unchecked Sendable {
    private let condition = NSCondition()
    private let count: Int
    private var (arrived, left) = (0, 0)
    private var total: [Double] = []

    init(_ count: Int) { self.count = count }

    func sum(_ numbers: UnsafeMutableBufferPointer<Double>) {
        condition.lock()
        defer { condition.unlock() }
        // Nobody enters the next sum before all have left this one.
        while arrived == count { condition.wait() }
        if arrived == 0 { total = [Double](repeating: 0, count: numbers.count) }
        precondition(total.count == numbers.count, "ranks add up \(total.count) and \(numbers.count) numbers")
        for index in numbers.indices { total[index] += numbers[index] }
        arrived += 1
        condition.broadcast()
        while arrived < count { condition.wait() }
        for index in numbers.indices { numbers[index] = total[index] }
        left += 1
        if left == count { (arrived, left) = (0, 0) }
        condition.broadcast()
    }
}

/// What the ranks gave.
private final class Results<Result: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var results: [Result?]

    init(_ count: Int) { results = Array(repeating: nil, count: count) }

    func set(_ rank: Int, _ result: Result) {
        condition.lock()
        results[rank] = result
        condition.broadcast()
        condition.unlock()
    }

    func wait() -> [Result] {
        condition.lock()
        defer { condition.unlock() }
        while results.contains(where: { $0 == nil }) { condition.wait() }
        return results.compactMap { $0 }
    }
}
