import Foundation

/// A range of addresses whose pages come into being when they are first touched.
///
/// Reserving more than is used costs nothing, so memory that grows at its end never moves. Pages are large where the
/// system has large ones: kernels walk through many rows at once, and each needs its page's address at hand.
final class Reservation {
    let base: UnsafeMutableRawPointer
    let byteCount: Int

    /// Reserves `byteCount` bytes, or as much of it as the system grants (halving the wish down to 64 MB).
    ///
    /// Where addresses are limited, half of what is left stays for others: the BLAS would wait for ever for its share.
    init(upTo byteCount: Int) {
        let most = addressSpaceLeft().map { $0 / 2 } ?? byteCount
        if most < Reservation.smallest {
            outOfMemory("\(2 * most >> 20) MB of addresses are left (ulimit -v)", "raise the limit, to 4 GB at least")
        }
        var wish = max(min(byteCount, most), Reservation.smallest)
        while true {
            let address = mmap(
                nil, wish, PROT_READ | PROT_WRITE, MAP_PRIVATE | Reservation.anonymous | Int32(MAP_NORESERVE), -1, 0)
            if let address, address != MAP_FAILED {
                (self.base, self.byteCount) = (address, wish)
                adviseLargePages()
                return
            }
            guard wish > Reservation.smallest else { outOfMemory("not even \(wish >> 20) MB could be reserved") }
            wish /= 2
        }
    }

    deinit { munmap(base, byteCount) }

    /// A wish: the system may not know large pages.
    private func adviseLargePages() {
        #if canImport(Glibc)
            _ = madvise(base, byteCount, Int32(MADV_HUGEPAGE))
        #endif
    }

    private static let smallest = 64 << 20
    #if canImport(Darwin)
        private static let anonymous = Int32(MAP_ANON)
    #else
        private static let anonymous = Int32(MAP_ANONYMOUS)
    #endif
}

/// Ends the process with a message: there is no way to go on with a step that has no room.
func outOfMemory(
    _ what: String, _ remedy: String = "lower solver.batch or set solver.micro_batch"
) -> Never {
    let message = "bana: out of memory: \(what); \(remedy)\n"
    _ = write(STDERR_FILENO, message, message.utf8.count)
    exit(70)
}
