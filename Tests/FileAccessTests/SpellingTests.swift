import FileAccess
import Testing

@Suite struct SpellingTests {
    @Test(arguments: [
        ("", "", 0), ("a", "", 1), ("", "abc", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("Dog", "dog", 0),
        ("schedule", "shcedule", 2), ("tvmonitor", "tvmonitors", 1),
    ])
    func editDistanceCountsEdits(_ a: String, _ b: String, _ edits: Int) {
        #expect(editDistance(a, b) == edits)
        #expect(editDistance(b, a) == edits)
    }

    @Test func theNearestNameIsTheFirstOfTheLeastDistance() {
        #expect(nearestName(to: "dag", among: ["cat", "dog", "dig"]) == "dog")
        #expect(nearestName(to: "hat", among: ["cat", "bat"]) == "cat")
    }

    @Test func nothingIsNearToAQuiteDifferentWord() {
        #expect(nearestName(to: "zebra", among: ["cat", "dog"]) == nil)
        #expect(nearestName(to: "hat", among: []) == nil)
    }
}
