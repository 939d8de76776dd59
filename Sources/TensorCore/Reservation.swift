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
    /// Where addresses are limited, some stay for the BLAS, which would wait for ever for its share, and half of the rest
    /// for others.
    init(upTo byteCount: Int) {
        var wish = max(byteCount, Reservation.smallest)
        if let left = addressSpaceLeft() {
            let most = (left - addressesOfBLAS(threads: min(8, availableCores()))) / 2
            if most < Reservation.smallest { outOfAddresses(left) }
            wish = min(wish, most)
        }
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

/// Bytes of addresses that the BLAS takes when so many threads call it at once, 128 MB each, and half a gigabyte for the
/// stacks and heaps of threads.
private func addressesOfBLAS(threads: Int) -> Int { (threads << 27) + (512 << 20) }

/// Ends the process with a message where addresses are limited to less than so many threads can work with.
package func checkAddressSpace(threads: Int) {
    guard let left = addressSpaceLeft(), left < addressesOfBLAS(threads: threads) else { return }
    outOfAddresses(left)
}

private func outOfAddresses(_ left: Int) -> Never {
    outOfMemory("\(left >> 20) MB of addresses are left (ulimit -v)", "raise that limit, or lower --threads")
}

/// Ends the process with a message: there is no way to go on with a step that has no room.
func outOfMemory(
    _ what: String, _ remedy: String = "lower solver.batch or set solver.micro_batch"
) -> Never {
    let message = "bana: out of memory: \(what); \(remedy)\n"
    _ = write(STDERR_FILENO, message, message.utf8.count)
    // At once: what libraries do at the end may want memory too.
    _exit(70)
}
