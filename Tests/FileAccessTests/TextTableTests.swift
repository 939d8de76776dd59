import FileAccess
import Testing

@Suite struct TextTableTests {
    @Test func columnsAreAsWideAsTheirWidestText() {
        var table = TextTable(["layer", "ms", "ratio"])
        table.append(["conv", "12.5", ""])
        table.appendRule()
        table.append(["a longer name", "3", "0.25"])
        let expected = """
            layer            ms  ratio
            conv           12.5
            --------------------------
            a longer name     3   0.25
            """
        #expect(table.description == expected)
    }

    @Test func severalColumnsMayBeAlignedOnTheLeft() {
        var table = TextTable(["name", "type", "norm"], leftColumns: 3)
        table.append(["w", "F32", "1"])
        #expect(table.description == "name  type  norm\nw     F32   1")
    }

    @Test func widthsHaveAMinimum() {
        var table = TextTable(["class", "IoU"], minimumWidths: [7, 6])
        table.append(["sky", "1.00"])
        #expect(table.description == "class       IoU\nsky        1.00")
        #expect(table.paddedCells == [["class  ", "   IoU"], ["sky    ", "  1.00"]])
    }
}
