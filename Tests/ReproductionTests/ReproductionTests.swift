import Configuration
import FileAccess
import Foundation
import Reports
import Reproduction
import Runs
import StageSupport
import TestSupport
import Testing

/// The tables of a data set of eight images.
@Suite struct ReproductionTests {
    private let overrides = ["tables=[1, 3, 4, 6]", "pooling={grids: [2, 4], rois: [2]}", "sweeps.lambda=[0.1, 1]"]

    private func reproduce(_ folder: String, _ overrides: [String]) throws -> RunEnd {
        let configuration = try tinyReproduction(in: folder, overrides)
        return try Reproduction.reproduce(configuration, in: join(folder, "tables"), makeSession())
    }

    private func page(_ folder: String) throws -> TablePage {
        try JSONDecoder().decode(TablePage.self, from: try readFile(join(folder, "tables/tables.json")))
    }

    /// Of a table's first column.
    private func ours(_ page: TablePage, _ table: Int) -> [String: [Double]] {
        Dictionary(uniqueKeysWithValues: page.tables[table].rows.map { ($0.name, $0.cells[0].ours ?? []) })
    }

    @Test func aStoppedReproductionGoesOnToTheSameTables() throws {
        try withTemporaryFolder { folder in
            let (whole, stopped) = (join(folder, "whole"), join(folder, "stopped"))
            #expect(try reproduce(whole, overrides) == .finished)
            // First a part of the tables; then the damage of a process that died.
            #expect(try reproduce(stopped, ["tables=[1, 4]"]) == .finished)
            let runs = join(stopped, "tables")
            for lost in [
                "classifier-gap/model.safetensors", "classifier-gap/checkpoints/000006",
                "labels-bap-val/Y_ret/tiny_07.png", "labels-gap-val/figures.json", "segmenter-nal/model.safetensors",
                "tables.json",
            ] {
                #expect(exists(join(runs, lost)), "\(lost)")
                try removeItem(join(runs, lost))
            }
            #expect(try reproduce(stopped, overrides) == .finished)
            #expect(try page(whole).tables == page(stopped).tables)

            let page = try page(whole)
            #expect(page.tables.map(\.title.first) == ["T", "T", "T", "T", "W"])
            let labels = ours(page, 0)
            for (name, figures) in labels { #expect(figures.count == 1 && figures[0] > 0, "\(name)") }
            #expect(labels["BAP, Y_crf & Y_ret"]?[0] ?? 100 <= labels["BAP, Y_crf & Y_ret, where they agree"]?[0] ?? 0)
            #expect(page.tables[0].rows[4].cells[0].authors == [79.2])
            // Cells that mean the same run have the same figures.
            #expect(ours(page, 1)["BAP, Y_crf"] == labels["BAP, Y_crf"])
            #expect(ours(page, 3)["4"] == labels["BAP, Y_crf"])
            #expect(page.tables[4].rows[0].cells[1].ours == ours(page, 2)["NAL (val)"])
            #expect(page.tables[4].rows[0].cells[1].run == "segmenter-nal")
            #expect(page.tables[2].rows[0].cells[1].reason == "the config names no segmenter_v2")
            #expect(page.tables[2].rows[3].cells[0].reason?.contains("comp6_test_cls") == true)
            let report = String(decoding: try readFile(join(whole, "tables/report.html")), as: UTF8.self)
            #expect(report.contains("Table 6. Grid size against ROI size"))
            #expect(try readFile(join(whole, "tables/tables.md")).count > 2000)
        }
    }

    /// Every published row and column is one of the tables'.
    @Test func allPublishedFiguresStandInTheTables() throws {
        try withTemporaryFolder { folder in
            #expect(try reproduce(folder, ["budget=0.1"]) == .finished)
            let tables = try page(folder).tables
            let count = { (cell: ResultTable.Cell) in (cell.authors?.count ?? 0) + (cell.reproduction?.count ?? 0) }
            let published = tables.map { $0.rows.flatMap(\.cells).reduce(0) { $0 + count($1) } }
            #expect(published == [10, 24, 4, 16, 16, 15])
            // The budget leaves one iteration of six.
            #expect(try losses(of: join(folder, "tables/classifier-bap")).count == 1)
        }
    }

    @Test func aTrainingThatGoesWrongLeavesTheOtherTables() throws {
        try withTemporaryFolder { folder in
            #expect(throws: (any Error).self) {
                try reproduce(folder, ["tables=[1, 5]", "segmenter.set=[loss.lambda=1e39]"])
            }
            let page = try page(folder)
            #expect(ours(page, 0).values.allSatisfy { $0.count == 1 })
            #expect(page.tables[1].rows.allSatisfy { $0.cells[0].reason?.contains("no step was taken yet") == true })
        }
    }

    @Test func otherSettingsAreRefusedBeforeAnythingIsDone() throws {
        try withTemporaryFolder { folder in
            let end = try reproduce(folder, ["tables=[]"])
            #expect(end == .finished)
            let changed = message { try reproduce(folder, ["tables=[]", "classifier.set=[solver.lr=0.5]"]) }
            #expect(changed.contains("classifier-bap/config.yaml: the run began with other settings: solver.lr is 0.5"))
            let missing = message { try reproduce(folder, ["labels.config=none.yaml"]) }
            #expect(missing.hasPrefix("none.yaml: "))
            #expect(message { try reproduce(folder, ["labels.config=null"]) }.contains("names no labels"))
            let other = join(folder, "other")
            #expect(message { try reproduce(other, ["set=[data.root=nowhere]"]) }.hasPrefix("nowhere/"))
            #expect(!exists(join(other, "tables")))
            #expect(message { try reproduce(folder, ["tables=[7]"]) }.contains("from 1 to 6"))
            #expect(message { try reproduce(folder, ["segmentor.config=a.yaml"]) }.contains("did you mean segmenter"))
        }
    }
}
