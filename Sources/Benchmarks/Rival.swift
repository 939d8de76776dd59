import FileAccess
import Foundation
import Kernels

/// PyTorch in a child process, doing the same work as we do.
///
/// It answers each request, a line of JSON, with another; `Resources/rival.py` says which there are.
final class Rival {
    /// How PyTorch lays out its activations; which is faster depends on the work.
    enum Format: String, CaseIterable {
        case contiguous = "contiguous_format"
        case channelsLast = "channels_last"
    }

    let format: Format
    private let process = Process()
    private let requests = Pipe()
    private let replies = Pipe()
    private var unread = Data()

    /// Starts a Python, given by its path or by a name to look for, with as many threads as we have.
    init(python path: String, _ format: Format, threads: Int) throws {
        self.format = format
        let script = String(decoding: PackageResources.rival_py, as: UTF8.self)
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [path, "-c", script, format.rawValue, "\(threads)"]
        process.environment = ProcessInfo.processInfo.environment.merging(limits) { $1 }
        (process.standardInput, process.standardOutput) = (requests, replies)
        // Writing to one that has ended is an error like others.
        signal(SIGPIPE, SIG_IGN)
        try process.run()
    }

    /// Keeps PyTorch and its libraries to AVX2 where we keep to it.
    private var limits: [String: String] {
        guard PanelProducts.chosen.processor == "avx2" else { return [:] }
        return ["ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2"]
    }

    deinit {
        try? requests.fileHandleForWriting.close()
        process.waitUntilExit()
    }

    /// Sets up some work, and does it once so that the next time is like any other.
    func prepare(_ work: some Encodable) throws { _ = try ask(work) }

    /// Does the work; the seconds of its parts.
    func run() throws -> [String: Double] { try ask(["run": true]) }

    /// Bytes of memory it had at most.
    func peakMemory() throws -> Double { try ask(["memory": true])["peak"] ?? 0 }

    private func ask(_ request: some Encodable) throws -> [String: Double] {
        let line = try JSONEncoder().encode(request) + Data("\n".utf8)
        do {
            try requests.fileHandleForWriting.write(contentsOf: line)
        } catch {
            throw ended
        }
        let reply = try readLine()
        if let numbers = try? JSONDecoder().decode([String: Double].self, from: reply) { return numbers }
        let message = try? JSONDecoder().decode([String: String].self, from: reply)["error"]
        throw InputError("PyTorch: \(message ?? String(decoding: reply, as: UTF8.self))", remedy: "leave out --torch")
    }

    private func readLine() throws -> Data {
        while true {
            if let end = unread.firstIndex(of: UInt8(ascii: "\n")) {
                defer { unread = Data(unread[(end + 1)...]) }
                return unread[..<end]
            }
            let more = replies.fileHandleForReading.availableData
            guard !more.isEmpty else { throw ended }
            unread += more
        }
    }

    private var ended: InputError {
        InputError(
            "the Python given to --torch has ended, for the reason it says above",
            remedy: "give one that can import torch, and for crf and label pydensecrf")
    }
}
