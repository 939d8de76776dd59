import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// Starts a thread that runs `body` and ends.
///
/// Foundation's threads do not tell when none could be started, and what they were to do is waited for without end. A
/// refusal may be of a moment, as when many processes begin at once: it is asked again for a second.
///
/// - Throws: `MachineError` where the limit of processes or of memory is reached.
package func startThread(_ body: @escaping @Sendable () -> Void) throws(MachineError) {
    let work = Unmanaged.passRetained(ThreadWork(body))
    var status: Int32 = 0
    for attempt in 0..<20 {
        var thread = pthread_t()
        status = pthread_create(&thread, nil, runThreadWork, work.toOpaque())
        if status == 0 {
            pthread_detach(thread)
            return
        }
        if attempt < 19 { usleep(50_000) }
    }
    work.release()
    throw MachineError(
        "cannot start a thread: \(String(cString: strerror(status)))",
        remedy: "raise the limit of processes or memory (ulimit -a, a container's pids.max); the same command goes on")
}

private final class ThreadWork: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func runThreadWork(_ work: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let work { Unmanaged<ThreadWork>.fromOpaque(work).takeRetainedValue().body() }
    return nil
}
