import Foundation
import Synchronization

/// A wish to stop that came by signal: TERM, INT or USR1.
///
/// The handler only raises a flag; the training loop writes a checkpoint and leaves. A second INT ends the process at
/// once, for who cannot wait.
package enum StopRequest {
    private static let flag = Atomic<Bool>(false)

    /// Starts to listen, also where the parent process had blocked these signals.
    package static func listen() {
        var awaited = sigset_t()
        sigemptyset(&awaited)
        for number in [SIGTERM, SIGINT, SIGUSR1] {
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
}
