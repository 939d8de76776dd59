import Foundation
import Synchronization

/// A wish to stop that came by signal: TERM, INT, USR1, or HUP when a terminal closes.
///
/// The handler only raises a flag; stages save their state and return `.stopped`. A second INT ends the process at once.
/// Where HUP is ignored, as nohup has it, it stays so.
package enum StopRequest {
    private static let flag = Atomic<Bool>(false)

    /// Starts to listen, also where the parent process had blocked these signals.
    package static func listen() {
        var awaited = sigset_t()
        sigemptyset(&awaited)
        for number in [SIGTERM, SIGINT, SIGUSR1, SIGHUP] where !(number == SIGHUP && isIgnored(number)) {
            sigaddset(&awaited, number)
            var action = sigaction()
            action.__sigaction_handler.sa_handler = { received in
                if received == SIGINT && StopRequest.flag.load(ordering: .relaxed) { _exit(130) }
                StopRequest.flag.store(true, ordering: .relaxed)
            }
            action.sa_flags = Int32(SA_RESTART)
            sigaction(number, &action, nil)
        }
        pthread_sigmask(SIG_UNBLOCK, &awaited, nil)
    }

    /// Whether a signal has come.
    package static var isRaised: Bool { flag.load(ordering: .relaxed) }

    /// Stops as if a signal had come.
    package static func raise() { flag.store(true, ordering: .relaxed) }

    private static func isIgnored(_ number: Int32) -> Bool {
        var present = sigaction()
        sigaction(number, nil, &present)
        return unsafeBitCast(present.__sigaction_handler.sa_handler, to: Int.self)
            == unsafeBitCast(SIG_IGN, to: Int.self)
    }
}
