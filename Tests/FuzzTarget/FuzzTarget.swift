import CFuzzer
import FileAccess
import Foundation
import FuzzReaders

/// Fuzzes the reader that `BANA_FUZZ_READER` names; the arguments are libFuzzer's. See `Tests/fuzz`.
@main struct FuzzTarget {
    static func main() {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in test(bytes, count) })
    }
}

/// Reads one input; what is neither read nor refused ends the process, as a trap would.
private func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Not copied: the sanitizer knows where libFuzzer's own copy ends.
    let memory = UnsafeMutableRawPointer(mutating: bytes)
    let data = memory.map { Data(bytesNoCopy: $0, count: count, deallocator: .none) } ?? Data()
    do {
        try makeFolder(workplace.folder)
        try reader.read(data, in: workplace)
    } catch let error as InputError {
        if isTold { print("refused: \(error)") }
    } catch {
        fatalError("neither read nor refused: \(error)")
    }
    return 0
}

private let reader: Reader = {
    let name = ProcessInfo.processInfo.environment["BANA_FUZZ_READER"] ?? ""
    guard let reader = Reader(rawValue: name) else { fatalError("no reader '\(name)'") }
    return reader
}()

/// Whether to say why inputs are refused.
private let isTold = ProcessInfo.processInfo.environment["BANA_FUZZ_TELL"] != nil

/// In memory where there is such a folder.
private nonisolated(unsafe) let workplace = Workplace(
    join(isDirectory("/dev/shm") ? "/dev/shm" : NSTemporaryDirectory(), "bana-fuzz-\(getpid())"))
