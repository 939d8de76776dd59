import Foundation
import Reports
import Testing

@Suite struct ResultTableTests {
    private let table: ResultTable = {
        let empty = ResultTable.Cell(reason: "no *v2* here")
        var table = ResultTable(
            title: "Table 9. Labels", measure: "mIoU, %", corner: "labels", columns: ["v1", "v2"],
            rows: [
                .init("GAP", [.init(authors: [76.1], reproduction: [75.5], ours: [70.126]), empty]),
                .init("BAP", [.init(authors: [79.2], reproduction: [78.8], ours: [71.0]), empty]),
                .init(
                    "both | two", [.init(authors: [61.8, 67.5], ours: [60, 61.5]), .init(reason: "it is <secret>")]),
            ])
        table.notes = ["A note."]
        return table
    }()

    @Test func markdownAlignsColumnsAndTellsWhyCellsAreEmpty() {
        #expect(
            table.markdown == """
                ## Table 9. Labels

                mIoU, %

                | labels      | v1, authors | v1, repro. |      v1, ours | v2, authors | v2, repro. | v2, ours |
                |-------------|------------:|-----------:|--------------:|------------:|-----------:|---------:|
                | GAP         |        76.1 |       75.5 |         70.13 |           – |          – |    – (1) |
                | BAP         |        79.2 |       78.8 |         71.00 |           – |          – |    – (1) |
                | both \\| two | 61.8 / 67.5 |          – | 60.00 / 61.50 |           – |          – |    – (2) |

                (1) no \\*v2\\* here.

                (2) it is \\<secret>.

                A note.

                """)
    }

    @Test func aTableWithoutPublishedFiguresNamesNoSource() {
        let table = ResultTable(
            title: "Sweep", measure: "mIoU, %", corner: "loss.gamma", columns: ["before", "after"],
            rows: [.init("7", [.init(ours: [1]), .init(ours: [2])])])
        #expect(table.markdown.contains("| loss.gamma | before | after |\n|------------|-------:|------:|\n"))
        #expect(table.orderingNote == nil)
    }

    @Test func aPageHoldsTheTablesInTwoForms() throws {
        let page = TablePage(title: "Tables", notes: ["of a set & its network"], tables: [table])
        #expect(page.markdown.hasPrefix("# Tables\n\n- of a set & its network\n\n## Table 9"))
        #expect(try JSONDecoder().decode(TablePage.self, from: JSONEncoder().encode(page)) == page)
        var report = Report(title: "r", subtitle: "s")
        report.tables = [page]
        let html = String(decoding: try report.data(), as: UTF8.self)
        #expect(html.contains("<h2>Tables</h2>"))
        #expect(html.contains("of a set &amp; its network"))
        #expect(html.contains("<td class=\"number\"><b>70.13</b></td>"))
        #expect(html.contains("(2) it is &lt;secret&gt;."))
    }

    @Test func orderingsAreComparedWithThePublishedOnes() {
        func note(_ ours: [Double?], _ authors: [Double], _ reproduction: [Double?]) -> String? {
            let rows = zip(ours, zip(authors, reproduction)).map { ours, published in
                ResultTable.Cell(
                    authors: [published.0], reproduction: published.1.map { [$0] }, ours: ours.map { [$0] })
            }
            return ResultTable(
                title: "", measure: "", corner: "", columns: [""],
                rows: zip(["a", "b", "c"], rows).map { .init($0, [$1]) }
            ).orderingNote
        }
        #expect(note([1, 2, 3], [4, 5, 6], [7, 8, 9]) == "3 of the 3 pairs of rows are ordered as published.")
        #expect(
            note([2, 1, 3], [4, 5, 6], [7, 8, 9])
                == "2 of the 3 pairs of rows are ordered as published; not so: a is above b.")
        // The sources disagree on a and b; c was measured by one.
        #expect(note([2, 1, 3], [4, 5, 6], [8, 7, nil]) == "2 of the 2 pairs of rows are ordered as published.")
        #expect(note([1, nil, nil], [4, 5, 6], [7, 8, 9]) == nil)
    }
}
