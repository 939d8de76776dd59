import CZlib
package import Foundation

/// The CRC-32 of some bytes, as zip and PNG compute it.
package func checksum(_ data: Data) -> UInt32 {
    data.withUnsafeBytes { bytes in
        var sum = crc32(0, nil, 0)
        var rest = bytes.bindMemory(to: UInt8.self)[...]
        while !rest.isEmpty {
            let part = rest.prefix(1 << 30)
            sum = crc32(sum, UnsafeBufferPointer(rebasing: part).baseAddress, uInt(part.count))
            rest = rest.dropFirst(part.count)
        }
        return UInt32(truncatingIfNeeded: sum)
    }
}
