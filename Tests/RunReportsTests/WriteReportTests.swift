import Configuration
import FileAccess
import Foundation
import ImageFiles
import RunReports
import Runs
import StageSupport
import Stages
import TestSupport
import Testing
import Training

/// Reports on runs over the fixtures' six training and two validation images.
@Suite struct WriteReportTests {
    private func report(on folders: [String], to file: String? = nil) throws -> String {
        #expect(try writeReport(on: folders, to: file, makeSession()) == .finished)
        let path = try file ?? join(#require(folders.first), "report.html")
        return String(decoding: try readFile(path), as: UTF8.self)
    }

    /// A folder of labels as `bana label` leaves it, its maps made by `change` from the true ones.
    private func makeLabels(
        in folder: String, kinds: [String] = ["Y_crf"], _ changes: [String] = [],
        ids: ClosedRange<Int> = 1...6, _ change: (inout LabelMap) -> Void = { _ in }
    ) throws {
        let settings = try tinySettings(
            for: .label,
            ["label.split=train", "model.weights=none", "label.outputs=[\(kinds.joined(separator: ", "))]"] + changes)
        try RunFolder(folder).record(.label, settings, note: ["on a machine"])
        for (kind, id) in kinds.flatMap({ kind in ids.map { (kind, "tiny_0\($0).png") } }) {
            var map = try LabelMap(contentsOf: fixture("tiny-voc/SegmentationClass/\(id)"))
            change(&map)
            try map.write(to: join(folder, "\(kind)/\(id)"))
        }
    }

    /// The mean IoU in each line of the scores.
    private func meanIoUs(_ page: String) -> [String] {
        page.matches(of: /--part: ([0-9.]+)%"><\/i><b>/).map { String($0.1) }
    }

    private func count(_ part: String, in page: String) -> Int {
        page.components(separatedBy: part).count - 1
    }

    @Test func theWholePipelineIsShown() throws {
        try withTemporaryFolder { folder in
            let runs = ["classifier", "labels", "segmenter"].map { join(folder, $0) }
            let changes = ["solver.iterations=3", "evaluate.scales=[1]"]
            let model = join(runs[0], "model.safetensors")
            let session = makeSession()
            _ = try trainClassifier(
                tinySettings(for: .trainClassifier, changes), in: runs[0], restart: false, session)
            _ = try Stages.makeLabels(
                tinySettings(
                    for: .label,
                    ["model.weights=\(model)", "label.outputs=[u0, u_c, Y_crf, Y_ret, Y_and, confidence]"]),
                in: runs[1], restart: false, session)
            let segmenter = try tinySettings(for: .trainSegmenter, changes)
            _ = try trainSegmenter(segmenter, in: runs[2], restart: false, session)
            _ = try evaluateSegmenter(segmenter, in: runs[2], json: nil, session)

            let page = try report(on: [folder])
            let names = page.matches(of: /<tr><th>([^<]*?) *<small>/).map { String($0.1) }
            #expect(names == ["filled boxes", "Y_crf", "Y_ret", "Y_and", "DeepLab", "DeepLab + CRF"])
            // Six of the eight labelled images, with three maps in grey, and the two of the validation.
            #expect(count("data:image/jpeg;base64,", in: page) == 6 * 7 + 2 * 4)
            let columns = page.matches(of: /<th>([^<]*)<\/th>/).map { String($0.1) }
            #expect(columns.contains(["boxes", "u0", "u_c", "confidence", "Y_crf", "Y_ret", "truth"]))
            // Losses and learning rates; the segmenter's loss has two parts.
            #expect(count("<polyline", in: page) == 2 + 4)
            #expect(count("<article>", in: page) == 3)
        }
    }

    @Test func labelsAreScoredAgainstTheTruth() throws {
        try withTemporaryFolder { folder in
            try makeLabels(in: folder)
            let scores = meanIoUs(try report(on: [folder]))
            #expect(scores.count == 2 && scores.last == "100.0")
            #expect(try #require(Double(scores[0])) < 90, "filled boxes")
        }
    }

    /// A label of 255 is left out, and how many are not is told.
    @Test func pixelsWithoutALabelAreNotCounted() throws {
        try withTemporaryFolder { folder in
            try makeLabels(in: folder, kinds: ["Y_and"]) { map in
                for pixel in stride(from: 0, to: map.pixels.count, by: 2) { map.pixels[pixel] = 255 }
            }
            let page = try report(on: [folder])
            #expect(meanIoUs(page).last == "100.0")
            #expect(page.contains("on 50\u{A0}% of pixels"))
        }
    }

    @Test func imagesWithoutLabelsAreLeftOut() throws {
        try withTemporaryFolder { folder in
            try makeLabels(in: folder, kinds: ["Y_crf", "Y_ret"])
            try FileManager.default.removeItem(atPath: join(folder, "Y_ret/tiny_02.png"))
            let page = try report(on: [folder])
            #expect(page.contains("5 of 5 images of train"))
            #expect(!page.contains("tiny_02"))
        }
    }

    @Test func whatIsNotThereAnyMoreIsLeftOut() throws {
        try withTemporaryFolder { folder in
            try makeLabels(in: folder, ["data.root=/nowhere"])
            let page = try report(on: [folder])
            #expect(meanIoUs(page).isEmpty && !page.contains("<h2>Images"))
            #expect(page.contains("root: /nowhere"), "the settings are")
        }
    }

    @Test func runsAreComparedAndToldApart() throws {
        try withTemporaryFolder { folder in
            let runs = ["a/labels", "b/labels", "c"].map { join(folder, $0) }
            try makeLabels(in: runs[0])
            try makeLabels(in: runs[1], ["label.bg_threshold=0.5"])
            try makeLabels(in: runs[2])
            let file = join(folder, "out/comparison.html")
            let page = try report(on: runs, to: file)
            #expect(page.contains("<li>label.bg_threshold: 0.5 (\(runs[0]): 0.99)</li>"))
            #expect(count("<li>", in: page) == 1)
            #expect(page.contains("<h3>\(runs[1])</h3>") && page.contains("<h3>c</h3>"))
            #expect(meanIoUs(page).count == 4, "filled boxes once, then three runs")
            #expect(!exists(join(runs[0], "report.html")))
        }
    }

    @Test func aFolderWithoutRunsIsAnError() throws {
        try withTemporaryFolder { folder in
            let text = message { try writeReport(on: [folder], to: nil, makeSession()) }
            #expect(text == "\(folder): no run is here; give the --run folder of a command, or its parent")
            #expect(!exists(join(folder, "report.html")))
        }
    }

    @Test func damageIsNamed() throws {
        try withTemporaryFolder { folder in
            let cases: [(file: String, text: String, message: String)] = [
                ("config.yaml", "seed: 1\n", "config.yaml: its first line does not name the command of a run"),
                ("config.yaml", "# bana label\nsed: 1\n", "config.yaml:line 2: unknown key sed"),
                ("metrics.jsonl", "{}\n{}\n", "metrics.jsonl:line 1: not a metrics record"),
                ("evaluation.json", "{}", "evaluation.json: these are no scores of a segmenter"),
            ]
            for (number, test) in cases.enumerated() {
                let run = join(folder, "\(number)")
                try RunFolder(run).record(.trainSegmenter, tinySettings(for: .trainSegmenter), note: [])
                try writeAtomically(Data(test.text.utf8), to: join(run, test.file))
                let text = message { try writeReport(on: [run], to: nil, makeSession()) }
                #expect(text.hasPrefix(join(run, test.message)), "\(text)")
            }
        }
    }

    @Test func aMapThatDoesNotFitItsImageIsNamed() throws {
        try withTemporaryFolder { folder in
            try makeLabels(in: folder)
            let path = join(folder, "Y_crf/tiny_03.png")
            try LabelMap(width: 3, height: 2, pixels: [0, 0, 0, 0, 0, 0]).write(to: path)
            let text = message { try writeReport(on: [folder], to: nil, makeSession()) }
            #expect(text.hasPrefix("\(path): 3x2 pixels, but its image has 130x106"), "\(text)")
        }
    }
}
