import Annotations
import Configuration
import Testing

@Suite struct PrintingTests {
    @Test(arguments: Command.allCases)
    func resolvedConfigsReadBackEqual(for command: Command) throws {
        for yaml in ["", everyKey] {
            let config = try RunConfiguration(yaml: yaml)
            let resolved = config.resolvedYAML(for: command)
            let again = try RunConfiguration(yaml: resolved)
            #expect(again.differences(from: config, for: command).isEmpty)
            #expect(again.resolvedYAML(for: command) == resolved)
        }
    }

    @Test func everyCommandPrintsItsSectionsAlone() {
        func sections(_ command: Command) -> [String] {
            RunConfiguration().resolvedYAML(for: command).split(separator: "\n")
                .filter { !$0.hasPrefix(" ") }.map { String($0.prefix { $0 != ":" }) }
        }
        #expect(sections(.trainClassifier) == ["seed", "data", "model", "solver", "checkpoint"])
        #expect(sections(.label) == ["data", "model", "label"])
        #expect(sections(.trainSegmenter) == ["seed", "data", "model", "loss", "solver", "checkpoint"])
        #expect(sections(.evaluateSegmenter) == ["data", "model", "evaluate"])
        #expect(sections(.checkData) == ["data"])
    }

    @Test func nestedGroupsArePrintedAsBlocks() {
        let yaml = RunConfiguration().resolvedYAML(for: .trainSegmenter)
        #expect(yaml.contains("\n  schedule:\n    kind: step\n    milestones: [5000]\n    factor: 0.1\n"))
        #expect(yaml.contains("\n  weights: null\n"))
        #expect(yaml.contains("\n  lr: 0.001\n"))
    }

    @Test(arguments: [
        "plain", "a/b-c.d", "null", "True", "no", "12", "-x", "~/data", "a: b", "a #b", "two words", " x ", "'q'",
        "say \"hi\" \\", "tab\there", "line\nbreak", "Füße", "日本語", "*star", "&and", "!bang", "%", "@at", "`", "[x]",
        "{x}", "a,b", "\u{7}bell", "\u{85}next", "line\u{2028}break", "=", "<<", ".5", "1e5", "0x1F", "2007-01-01", "?",
    ])
    func anyTextReadsBackEqual(_ text: String) throws {
        var config = RunConfiguration()
        config.data.root = text
        config.data.classes = try ClassList([text, "other"])
        let again = try RunConfiguration(yaml: config.resolvedYAML(for: .checkData))
        #expect(again.data.root == text)
        #expect(again.data.classes == config.data.classes)
    }

    @Test(arguments: [0.1, 1, -0.0, 1e-5, 2.5e-5, 1e22, 123456789012345680, 2.5e-300, .pi, 0.30000000000000004, 1e16])
    func anyNumberReadsBackEqual(_ number: Double) throws {
        var config = RunConfiguration()
        config.solver.lr = number
        let again = try RunConfiguration(yaml: config.resolvedYAML(for: .trainClassifier))
        #expect(again.solver.lr == number)
    }

    @Test func exponentsHaveAPoint() {
        #expect(1e-5.text == "1.0e-05")
        #expect(2.5e-5.text == "2.5e-05")
        #expect(20.0.text == "20")
    }

    @Test func differencesNameKeysAndBothValues() throws {
        let old = try RunConfiguration(
            yaml: "solver: {batch: 20}\ndata: {labels: {crf: a}}\nlabel: {bg_threshold: 0.5}")
        let new = try RunConfiguration(yaml: "solver: {batch: 10}\ndata: {scale: [1, 1]}")
        let differences = new.differences(from: old, for: .trainClassifier)
        #expect(
            differences.map(\.description) == [
                "data.scale is [1, 1], was [0.5, 1.5]", "data.labels.crf is null, was a", "solver.batch is 10, was 20",
            ])
        #expect(new.differences(from: new, for: .trainClassifier).isEmpty)
    }

    @Test func templatesAreConfigsOfDefaults() throws {
        #expect(try RunConfiguration(yaml: RunConfiguration.template()) == RunConfiguration())
        #expect(try ReproductionConfiguration(yaml: ReproductionConfiguration.template()) == .init())
        for command in Command.allCases {
            let template = RunConfiguration.template(for: command)
            let isKey = { (line: Substring) in line.drop { $0 == " " }.first != "#" }
            let keys = template.split(separator: "\n").filter(isKey).map { "\($0)\n" }.joined()
            #expect(keys == RunConfiguration().resolvedYAML(for: command))
        }
    }

    @Test func theReferenceNamesEveryKeyWithDefaultMeaningFormAndCommands() {
        let reference = RunConfiguration.reference
        #expect(
            reference.contains(
                """
                solver.batch: 20
                  images of one step, over all ranks
                  a whole number from 1 to 1000000

                """))
        #expect(
            reference.contains(
                """
                loss:
                  what the segmenter minimises
                  used by: train segmenter

                loss.kind: nal

                """))
        for key in RunConfiguration().resolvedYAML(for: .trainSegmenter).split(separator: "\n") {
            let name = key.prefix { $0 != ":" }.drop { $0 == " " }
            #expect(reference.contains(name + ":"), "\(key)")
        }
    }
}
