import CFuzzer
import FileAccess
import Foundation
import FuzzReaders

/// Fuzzes the reader that `BANA_FUZZ_READER` names; the arguments are libFuzzer's. See `Tests/fuzz`.
@main struct FuzzTarget {
    static func main() {
        guard let reader else {
            print(Reader.allCases.map(\.rawValue).joined(separator: "\n"))
            return
        }
        print("reader: \(reader.rawValue)")
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(LLVMFuzzerRunDriver(&count, &arguments) { bytes, count in test(bytes, count) })
    }
}

private let reader = ProcessInfo.processInfo.environment["BANA_FUZZ_READER"].flatMap(Reader.init)

/// In memory where there is such a folder.
private nonisolated(unsafe) let workplace = Workplace(
    join(isDirectory("/dev/shm") ? "/dev/shm" : NSTemporaryDirectory(), "bana-fuzz-\(getpid())"))

/// Reads one input; what is neither read nor refused ends the process, as a trap would.
private func test(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    // Not copied: the sanitizer knows where libFuzzer's own copy ends.
    let memory = UnsafeMutableRawPointer(mutating: bytes)
    let data = memory.map { Data(bytesNoCopy: $0, count: count, deallocator: .none) } ?? Data()
    do {
        try makeFolder(workplace.folder)
        try reader?.read(data, in: workplace)
    } catch is InputError {
    } catch {
        fatalError("neither read nor refused: \(error)")
    }
    return 0
}
