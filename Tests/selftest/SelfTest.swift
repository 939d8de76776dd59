import Communication
import FileAccess
import Foundation

/// The checks that need several ranks: `mpirun -n N selftest`.
///
/// Each compares what the ranks do together with what rank 0 does alone. The exit code is 0 when all pass.
@main
struct SelfTest {
    private static let checks =
        communicationChecks + queueChecks + trainingChecks + [
            Check("labels are the same files", labelsAreTheSame),
            Check("evaluation gives the same scores", evaluationIsTheSame),
        ]

    static func main() throws {
        let world = try Communicator(environment: LauncherEnvironment(ProcessInfo.processInfo.environment))
        let ranks = try Ranks(world)
        var failed = 0
        for check in checks {
            do {
                if try !ranks.pass(check) { failed += 1 }
            } catch {
                ranks.say("rank \(world.rank): \(check.name): \(error)")
                world.abort(1)
            }
        }
        try world.barrier()
        if world.isRoot {
            try removeItem(ranks.folder)
            ranks.say("selftest: \(checks.count - failed) passed, \(failed) failed")
        }
        world.finish()
        exit(failed == 0 ? 0 : 1)
    }
}
