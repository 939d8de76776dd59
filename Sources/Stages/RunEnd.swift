/// How a stage ended.
package enum RunEnd: Sendable {
    /// All is done.
    case finished
    /// Asked to stop; its state is saved, and the same command goes on.
    case stopped
}
