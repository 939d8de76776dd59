import Reports
import Testing

@Suite struct ProgressLineTests {
    /// What a task prints that takes `stepSeconds` for each of its steps.
    private func printed(
        steps: Int, from start: Int = 0, width: Int?, stepSeconds: (Int) -> Double
    ) -> [String] {
        var (clock, prints) = (100.0, [String]())
        let output = ProgressOutput(width: width) { prints.append($0) }
        let line = ProgressLine("label", total: steps, done: start, output: output, now: { clock })
        for step in start + 1...steps {
            clock += stepSeconds(step)
            line.update(done: step, "loss 0.5")
        }
        return prints
    }

    @Test func aFileGetsALineNowAndThen() {
        let lines = printed(steps: 100, width: nil) { _ in 1 }
        #expect(
            lines == [
                "label  1/100  1 %  loss 0.5  1 min 39 s left\n", "label  31/100  31 %  loss 0.5  1 min 9 s left\n",
                "label  61/100  61 %  loss 0.5  39 s left\n", "label  91/100  91 %  loss 0.5  9 s left\n",
                "label  100/100  100 %  loss 0.5\n",
            ])
    }

    @Test func aTerminalLineIsRewrittenAFewTimesASecond() {
        let prints = printed(steps: 1000, width: 40) { _ in 0.01 }
        let wipe = "\r\u{1B}[K"
        #expect(prints.filter { $0 == wipe }.count == prints.count / 2)
        #expect((45...60).contains(prints.count / 2), "\(prints.count / 2) prints in ten seconds")
        #expect(prints.allSatisfy { $0 == wipe || $0.count <= 40 })
        #expect(prints.filter { $0.hasSuffix("\n") } == ["label  1000/1000  100 %  loss 0.5\n"])
    }

    @Test func aNarrowTerminalCutsTheLine() {
        let prints = printed(steps: 1, width: 10) { _ in 1 }
        #expect(prints == ["\r\u{1B}[K", "label  1/\n"])
    }

    @Test func aResumedTaskDoesNotCountWhatWasDoneBefore() {
        let lines = printed(steps: 1000, from: 900, width: nil) { _ in 2 }
        #expect(lines.first == "label  901/1000  90 %  loss 0.5  3 min 18 s left\n")
    }

    @Test func theLastMinuteCountsMost() {
        let lines = printed(steps: 1000, width: nil) { $0 <= 500 ? 1 : 4 }
        #expect(lines.contains { $0.hasPrefix("label  599/") && $0.contains("26 min") }, "401 steps of 4 s")
    }

    @Test func clearWipesTerminalsOnly() {
        var prints: [String] = []
        ProgressLine("t", total: 1, output: ProgressOutput(width: nil) { prints.append($0) }).clear()
        #expect(prints.isEmpty)
        ProgressLine("t", total: 1, output: ProgressOutput(width: 80) { prints.append($0) }).clear()
        #expect(prints == ["\r\u{1B}[K"])
    }

    @Test(arguments: [
        (0, "0 s"), (-3, "0 s"), (0.6, "1 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3599.6, "1 h 0 min"),
        (4370, "1 h 12 min"), (86400, "1 d 0 h"), (200_000, "2 d 7 h"), (.infinity, "forever"), (.nan, "forever"),
    ])
    func durationsHaveTwoUnits(_ seconds: Double, _ text: String) {
        #expect(duration(seconds) == text)
    }
}
