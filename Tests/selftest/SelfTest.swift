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
            Check("tables are the same", tablesAreTheSame),
        ]

    static func main() throws {
        let world = try Communicator(environment: LauncherEnvironment(ProcessInfo.processInfo.environment))
        let ranks = try Ranks(world)
        // Progress lines and the like go where they can be read when something fails.
        let log = open(join(ranks.folder, "rank-\(world.rank).log"), O_WRONLY | O_CREAT, 0o644)
        dup2(log, STDERR_FILENO)
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
            if failed == 0 { try removeItem(ranks.folder) } else { ranks.say("what the checks left: \(ranks.folder)") }
            ranks.say("selftest: \(checks.count - failed) passed, \(failed) failed")
        }
        world.finish()
        exit(failed == 0 ? 0 : 1)
    }
}
