import CImageCodecs
import FileAccess
import Foundation

/// Calls a codec that fills `count` bytes.
///
/// - Returns: The bytes, and the library's first warning if it had one but decoded every pixel all the same.
/// - Throws: `InputError` with the library's message.
func decoded(
    _ data: Data, count: Int,
    _ codec: (
        _ file: UnsafePointer<UInt8>?, _ size: Int, _ pixels: UnsafeMutablePointer<UInt8>?,
        _ message: UnsafeMutablePointer<CChar>
    ) -> bana_codec_status
) throws -> (bytes: [UInt8], warning: String?) {
    var warning: String?
    let bytes = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
        warning = try data.withUnsafeBytes { file in
            try call(.decoding) {
                codec(file.bindMemory(to: UInt8.self).baseAddress, file.count, buffer.baseAddress, $0)
            }
        }
        initialized = count
    }
    return (bytes, warning)
}

/// Calls a codec that makes a file.
///
/// - Throws: `InputError` with the library's message.
func encoded(
    _ codec: (_ file: inout bana_bytes, _ message: UnsafeMutablePointer<CChar>) -> bana_codec_status
) throws -> Data {
    var file = bana_bytes()
    do {
        _ = try call(.encoding) { codec(&file, $0) }
    } catch {
        free(file.data)
        throw error
    }
    return Data(bytesNoCopy: file.data, count: file.size, deallocator: .free)
}

/// What a codec is called for, with the words of its errors.
private enum Work {
    case decoding, encoding

    var verb: String {
        switch self {
        case .decoding: "decode"
        case .encoding: "encode"
        }
    }

    var wrongSize: String {
        switch self {
        case .decoding: "it is not of the size that its header says"
        case .encoding: "the format has no images of this size"
        }
    }

    var remedy: String? {
        switch self {
        case .decoding: remedyForDamage
        case .encoding: nil
        }
    }
}

/// Turns a codec's status into a warning, `nil` or an error: the one place that does.
private func call(
    _ work: Work, _ codec: (_ message: UnsafeMutablePointer<CChar>) -> bana_codec_status
) throws -> String? {
    try withUnsafeTemporaryAllocation(of: CChar.self, capacity: Int(BANA_MESSAGE_SIZE)) { message in
        message.initialize(repeating: 0)
        guard let text = message.baseAddress else { return nil }
        let reason: String
        switch codec(text) {
        case BANA_CODEC_OK: return nil
        case BANA_CODEC_WARNING: return String(cString: text)
        case BANA_CODEC_TRUNCATED: reason = "the file ends too early"
        case BANA_CODEC_WRONG_SIZE: reason = work.wrongSize
        case BANA_CODEC_OUT_OF_MEMORY: reason = "out of memory"
        default: reason = String(cString: text)
        }
        throw InputError("cannot \(work.verb): \(reason)", remedy: work.remedy)
    }
}
