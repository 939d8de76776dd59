import FileAccess
import Foundation
import ImageFiles
import TestSupport
import Testing

/// What shells, terminals and machines do to a program.
@Suite(.serialized) struct HarshMachineTests {
    private static let train = "train classifier --config classifier.yaml --threads 1 --run run"

    /// Logs may be lost, never the run.
    @Test(arguments: ["2>/dev/full", "2>&-", ">&- 2>&- <&-", "2> >(exec true)", "2>&1 >/dev/full"])
    func aStandardErrorThatTakesNothingEndsNoTraining(_ redirection: String) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let outcome = try place.shell("$BANA \(HarshMachineTests.train) \(redirection)")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(isFile(join(folder, "run/model.safetensors")))
        }
    }

    @Test func resultsThatAreLostAreToldOf() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let full = try place.shell("$BANA config > /dev/full")
            #expect(
                full.code == 70 && full.complaint.contains("standard output: cannot be written to"), "\(full.errors)")
            let closed = try place.shell("$BANA config >&-")
            #expect(
                closed.code == 70 && closed.complaint.contains("results are lost; is it closed"), "\(closed.errors)")
            let head = try place.shell("$BANA config | head -1")
            #expect(head.code == 0 && head.errors.isEmpty, "\(head.errors)")
        }
    }

    /// As a library that is preloaded can cause it; the system puts in an empty name.
    @Test func anEmptyArgumentVectorIsRefused() throws {
        try withTemporaryFolder { folder in
            let outcome = try Workplace(folder).shell("exec -a '' $BANA")
            #expect(outcome.code == 64 && outcome.output.isEmpty, "\(outcome.output)")
        }
    }

    @Test func aLimitOfFilesSizesIsToldOf() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let outcome = try place.shell("ulimit -f 100; $BANA \(HarshMachineTests.train)")
            #expect(outcome.code == 70, "\(outcome)")
            #expect(outcome.complaint.contains("File too large; raise the limit of a file's size (ulimit -f)"))
            #expect(try place.shell("find . -name '.bana-*'").output.isEmpty)
            try place.expectSuccess(HarshMachineTests.train)
        }
    }

    /// OpenBLAS, which wants threads when it is loaded, must not end a program that only tells its version. The limit does
    /// not bind root.
    @Test(.enabled(if: getuid() == 0, "only root becomes somebody else"))
    func aLimitOfProcessesIsToldOf() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.shellSuccess("chmod 777 . && cp $BANA bana && chmod 755 bana")
            let limited = "setpriv --reuid 65534 --clear-groups bash -c 'ulimit -u 1; exec ./bana "
            let version = try place.shell(limited + "--version'")
            #expect(version.code == 0 && !version.errors.contains("BLAS"), "\(version)")
            let training = try place.shell(limited + HarshMachineTests.train + "'")
            #expect(training.code == 70 && training.complaint.contains("cannot start a thread"), "\(training)")
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root is kept from no folder"))
    func aFinishedRunNeedsNoFolderToWriteTo() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.expectSuccess(HarshMachineTests.train)
            try place.shellSuccess("cp $BANA bana && chmod 755 . bana && mkdir empty")
            let other =
                "setpriv --reuid 65534 --clear-groups ./bana train classifier --config classifier.yaml --threads 1 --run "
            let again = try place.shell(other + "run")
            #expect(again.code == 0 && again.errors.contains("this run is finished"), "\(again.errors)")
            let refused = try place.shell(other + "empty")
            #expect(refused.code == 65, "\(refused.errors)")
            #expect(
                refused.complaint.contains("empty: cannot write: Permission denied; choose another folder, or make"))
        }
    }

    @Test func aSecondJobInTheFolderIsRefused() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let line = HarshMachineTests.train + " --set solver.iterations=100000"
            let first = try place.start(line)
            for _ in 0..<2000 where !exists(join(folder, "run/metrics.jsonl")) { usleep(10_000) }
            for command in [line, line + " --restart"] {
                let second = try place.run(command)
                #expect(second.code == 70)
                #expect(
                    second.complaint.contains(
                        "run: another job works in this folder: process \(first.processIdentifier) "),
                    "\(second.errors)")
            }
            kill(first.processIdentifier, SIGKILL)
            first.waitUntilExit()
            let next = try place.run(HarshMachineTests.train + " --restart")
            #expect(next.code == 0, "\(next.errors)")
        }
    }

    @Test func aClosedTerminalStopsWithACheckpoint() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let job = try place.start(HarshMachineTests.train + " --set solver.iterations=100000")
            for _ in 0..<2000 where !exists(join(folder, "run/metrics.jsonl")) { usleep(10_000) }
            kill(job.processIdentifier, SIGHUP)
            job.waitUntilExit()
            #expect(job.terminationStatus == 75)
            #expect(try !fileNames(in: join(folder, "run/checkpoints")).isEmpty)
        }
    }

    /// Address space as login nodes limit it: it works, or says what is short; it does not wait for ever.
    @Test(arguments: [200_000, 1_000_000, 4_000_000, 8_000_000])
    func limitedAddressesAreEnoughOrToldOf(_ kilobytes: Int) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let outcome = try place.shell("ulimit -v \(kilobytes); timeout -k 1 60 $BANA \(HarshMachineTests.train)")
            let isTold = outcome.code == 70 && outcome.errors.contains("ulimit -v")
            #expect(outcome.code == 0 || isTold || (kilobytes < 1_000_000 && outcome.code != 124), "\(outcome)")
            if kilobytes >= 4_000_000 { #expect(outcome.code == 0, "\(outcome)") }
        }
    }

    /// Room for no stack: as where the limit of processes is reached, which does not bind root. The BLAS would die of it.
    @Test(arguments: [train, "label --config label.yaml --run labels"])
    func aMachineWithoutThreadsIsToldOf(_ line: String) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.makeModel("model.safetensors")
            let outcome = try place.shell(
                "ulimit -s 130000000000 && OPENBLAS_NUM_THREADS=1 timeout -k 1 60 $BANA \(line)")
            #expect(outcome.code == 70, "\(outcome)")
            #expect(outcome.complaint.contains("cannot start a thread: "), "\(outcome.errors)")
        }
    }

    @Test(arguments: ["checkpoint.minutes=1e19", "checkpoint.minutes=1e308", "checkpoint.minutes=5e-324"])
    func extremeSettingsDoNotTrap(_ setting: String) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.expectSuccess(HarshMachineTests.train + " --set \(setting)")
        }
    }

    @Test func negativeCountsAreRefusedBeforeWorkBegins() throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            let outcome = try place.run("label --config label.yaml --run labels --preview=-1")
            #expect(outcome.code == 64 && outcome.errors.contains("--preview -1: at least 0"), "\(outcome.errors)")
        }
    }

    /// A disk of the size given, in which `line` stops with one line, and goes on once there is room.
    private func stopsOnAFullDisk(_ line: String, kilobytes: Int, makes result: String) throws {
        try withTemporaryFolder { folder in
            let place = try Workplace(folder)
            try place.makeModel("model.safetensors")
            try makeFolder(join(folder, "disk"))
            #expect(try place.shell("mount -t tmpfs -o size=\(kilobytes)k none disk").code == 0)
            defer { _ = try? place.shell("umount disk") }
            let outcome = try place.run(line)
            #expect(outcome.code == 70, "\(outcome.errors)")
            #expect(outcome.complaint.contains("No space left on device; make room there; the same command goes on"))
            #expect(try place.shell("mount -o remount,size=100m disk").code == 0)
            let next = try place.run(line)
            #expect(next.code == 0, "\(next.errors)")
            #expect(exists(join(folder, result)))
            #expect(try place.shell("find disk -name '*.tmp'").output.isEmpty)
        }
    }

    @Test(.enabled(if: mayMount, "mounting a small disk is not allowed here"))
    func aFullDiskStopsALabellingAtOnce() throws {
        try stopsOnAFullDisk(
            "label --config label.yaml --run disk/labels --threads 1", kilobytes: 40, makes: "disk/labels/labels.json")
    }

    @Test(
        .enabled(if: mayMount, "mounting a small disk is not allowed here"),
        // Too small for its first file, for a checkpoint, and for the model.
        arguments: [4, 500, 1450])
    func aFullDiskStopsATraining(_ kilobytes: Int) throws {
        try stopsOnAFullDisk(
            "train classifier --config classifier.yaml --threads 1 --run disk/run --set checkpoint.iterations=1",
            kilobytes: kilobytes, makes: "disk/run/model.safetensors")
    }
}

/// Whether a test may mount a disk of its own.
private let mayMount: Bool = {
    let isMounted: Bool? = try? withTemporaryFolder { folder in
        let place = try Workplace(folder)
        guard try place.shell("mount -t tmpfs none .").code == 0 else { return false }
        return try place.shell("cd .. && umount '\(folder)'").code == 0
    }
    return isMounted ?? false
}()

private func isFile(_ path: String) -> Bool { exists(path) && !isDirectory(path) }

extension Workplace {
    /// Runs a line of the shell that must succeed.
    func shellSuccess(_ line: String) throws {
        let outcome = try shell(line)
        #expect(outcome.code == 0, "\(outcome.errors)")
    }

    /// Runs a line of the shell, in which `$BANA` is the program.
    func shell(_ line: String) throws -> Program.Outcome {
        try Program(folder: folder, executable: "/bin/bash").run(["-c", line], environment: ["BANA": Program.path])
    }
}
