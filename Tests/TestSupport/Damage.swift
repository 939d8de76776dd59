import FileAccess
package import Foundation

/// Reads every truncation of a sound file, and every byte of it with some bits flipped; counts what is refused.
///
/// - Parameter read: reads a file's contents; all it may throw is an `InputError`.
/// - Throws: Whatever else `read` throws.
package func countRefusals(
    ofDamaged sound: Data, _ read: (Data) throws -> Void
) throws -> (truncated: Int, flipped: Int) {
    var refused = (truncated: 0, flipped: 0)
    for length in 0..<sound.count where try isRefused(Data(sound.prefix(length)), read) { refused.truncated += 1 }
    for position in sound.indices {
        for mask in [0x01, 0x08, 0x80, 0xFF] as [UInt8] {
            var damaged = sound
            damaged[position] ^= mask
            if try isRefused(damaged, read) { refused.flipped += 1 }
        }
    }
    return refused
}

private func isRefused(_ data: Data, _ read: (Data) throws -> Void) throws -> Bool {
    do {
        try read(data)
        return false
    } catch is InputError {
        return true
    }
}
