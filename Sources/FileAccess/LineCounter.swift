import Synchronization

/// Tells in which line of a large text a byte lies, without counting from the beginning each time.
package final class LineCounter: Sendable {
    /// Line feeds before each block of the text that was asked about.
    private let lineFeeds = Mutex([0])
    private static let blockSize = 1 << 16

    package init() {}

    /// The line, from 1, of the byte at `position`; `bytes` must be the same text each time.
    func line(at position: Int, in bytes: UnsafeBufferPointer<UInt8>) -> Int {
        let position = min(max(position, 0), bytes.count)
        let block = position / LineCounter.blockSize
        let before = lineFeeds.withLock { known in
            while known.count <= block {
                let start = (known.count - 1) * LineCounter.blockSize
                known.append(known[known.count - 1] + countLineFeeds(bytes[start..<start + LineCounter.blockSize]))
            }
            return known[block]
        }
        return 1 + before + countLineFeeds(bytes[block * LineCounter.blockSize..<position])
    }
}

private func countLineFeeds(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) -> Int {
    bytes.reduce(0) { $0 + ($1 == UInt8(ascii: "\n") ? 1 : 0) }
}
