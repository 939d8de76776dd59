import FileAccess
import Foundation
import TestSupport
import Testing
import Weights

/// Which of several dictionaries of tensors is taken.
@Suite struct ChosenTensorsTests {
    private typealias Item = (String, [UInt8])

    /// A dictionary with tensors of these names.
    private func tensors(_ names: String...) -> [UInt8] {
        Pickle.dictionary(names.map { ($0, Pickle.elements(2)) })
    }

    private func open(_ value: [UInt8]) throws -> PyTorchFile {
        let elements = [UInt8](repeating: 0, count: 16)
        return try PyTorchFile(archive([("a/data.pkl", Pickle.whole(value)), ("a/data/0", elements)]), path: "file")
    }

    private func open(_ items: [Item]) throws -> PyTorchFile { try open(Pickle.dictionary(items)) }

    @Test func aLooseTensorIsNotTheModel() throws {
        let file = try open([("best_acc1", Pickle.elements(1)), ("state_dict", tensors("fc.weight", "fc.bias"))])
        #expect(file.tensors.map(\.name) == ["fc.weight", "fc.bias"])
        #expect(file.origin == "tensors of 'state_dict', not of the outermost dictionary")
    }

    @Test func knownNamesCountMost() throws {
        let file = try open([
            ("model", tensors("a", "b", "c", "d", "e")), ("student", tensors("module.features.0.weight")),
        ])
        #expect(file.origin?.hasPrefix("tensors of 'student'") == true)
    }

    @Test func thenTheKey() throws {
        let known = "backbone.conv1_1.weight"
        #expect(try open([("ema", tensors(known)), ("model", tensors(known))]).tensors.count == 1)
        #expect(
            try open([("ema", tensors(known)), ("model", tensors(known))]).origin == "tensors of 'model', not of 'ema'")
        let inner = try open([("old", Pickle.dictionary([("state_dict", tensors(known))])), ("net", tensors(known))])
        #expect(inner.origin == "tensors of 'net', not of 'old/state_dict'")
        #expect(
            try open([("x", tensors("a", "b", "c")), ("weights", tensors("a"))]).origin?.contains("'weights'") == true)
    }

    @Test func thenTheSizeAndThenTheOrder() throws {
        #expect(try open([("x", tensors("a")), ("y", tensors("a", "b"))]).origin == "tensors of 'y', not of 'x'")
        #expect(try open([("x", tensors("a")), ("y", tensors("a"))]).origin == "tensors of 'x', not of 'y'")
    }

    @Test func whatIsAloneNeedsNoWord() throws {
        #expect(try open(tensors("a", "b")).origin == nil)
        #expect(try open(Pickle.list([Pickle.int(3), tensors("a")])).origin == "tensors of '1'")
    }

    @Test func keysAreShownShortAndOnOneLine() throws {
        let file = try open([("new\nline" + String(repeating: "x", count: 200), tensors("a"))])
        #expect(file.origin == "tensors of 'new\\u{a}line\(String(repeating: "x", count: 72))...'")
    }

    /// Dictionaries that hold one another are looked into once.
    @Test func sharedDictionariesAreNoLabyrinth() throws {
        // Every dictionary has the one before it under two keys: 2 to the power of 200 paths.
        var value = tensors("w") + [0x71, 0]
        for level in UInt8(1)...200 {
            value = [0x7D, 0x28] + Pickle.text("a") + value + Pickle.text("b") + [0x68, level - 1, 0x75, 0x71, level]
        }
        #expect(message { try open(value) }.contains("holds no dictionary of tensors"))
    }

    @Test func whatHasNoTensorsIsRefused() {
        let cases: [([UInt8], String)] = [
            (Pickle.dictionary([("epoch", Pickle.int(3))]), "file: holds no dictionary of tensors; save the weights"),
            (Pickle.elements(2), "file: holds one tensor without a name"),
            (
                Pickle.dictionary([("net", Pickle.call("my.models\nNet", []))]),
                "file: holds no dictionary of tensors, but 'net', an object of my.models.Net; nothing of it was run"
            ),
            (Pickle.call("my.models\nNet", []), "file: holds more than tensors: my.models.Net; nothing of it was run"),
        ]
        for (value, words) in cases {
            let text = message { try open(value) }
            #expect(text.hasPrefix(words), "\(text)")
        }
    }

    /// Objects beside the weights are passed over; the system's functions tell that a file is no honest one.
    @Test func unknownObjectsAreNotMade() throws {
        let number = Pickle.call("numpy.core.multiarray\nscalar", [Pickle.text("f8"), [0x43, 2, 0, 0]])
        let built =
            Pickle.name("argparse\nNamespace") + [0x29, 0x81] + Pickle.dictionary([("lr", Pickle.int(1))]) + [0x62]
        let filled = Pickle.call("my\nDict", []) + [0x28] + Pickle.text("k") + Pickle.int(1) + [0x75]
        let listed = Pickle.call("my\nList", []) + Pickle.int(1) + [0x61]
        let called = built + Pickle.tuple([]) + [0x52]
        let items = [number, built, filled, listed, called].enumerated().map { ("\($0.offset)", $0.element) }
        #expect(try open(items + [("w", Pickle.elements(2))]).tensors.map(\.name) == ["w"])
        for name in [
            "posix\nsystem", "os\npopen", "subprocess\nPopen", "builtins\neval", "__builtin__\ngetattr", "sys\nexit",
        ] {
            let text = message { try open([("w", Pickle.elements(2)), ("x", Pickle.call(name, [Pickle.text("a")]))]) }
            #expect(text.contains("holds more than tensors: \(name.replacing("\n", with: "."));"), "\(text)")
        }
    }

    /// Python 2 wrote texts as bytes, and ordered dictionaries as lists of pairs.
    @Test func dictionariesOfPython2AreRead() throws {
        func old(_ text: String) -> [UInt8] { [0x55, UInt8(text.utf8.count)] + Array(text.utf8) }
        let pairs = ["conv1.weight", "fc.bias"].map { Pickle.list([old($0), Pickle.elements(2)]) }
        let file = try open(Pickle.call("collections\nOrderedDict", [Pickle.list(pairs)]))
        #expect(file.tensors.map(\.name) == ["conv1.weight", "fc.bias"])
        // The same list made into dictionaries without end.
        let again = Pickle.name("collections\nOrderedDict") + [0x68, 9, 0x85, 0x52, 0x30]
        let list =
            Pickle.list([[UInt8]](repeating: Pickle.list([Pickle.int(1), Pickle.int(2)]), count: 200)) + [0x71, 9]
        let text = message { try open(list + [[UInt8]](repeating: again, count: 1000).flatMap { $0 }) }
        #expect(text.contains("has the same items again and again"), "\(text)")
    }
}
