import Evaluation
import FileAccess
import Foundation
import ImageFiles
import Reports
import TestSupport
import Testing

@Suite struct ReportTests {
    private func report(_ fill: (inout Report) throws -> Void) throws -> Elements {
        var report = Report(title: "<shapes> & more", subtitle: "by bana")
        try fill(&report)
        return try Elements(of: String(decoding: try report.data(), as: UTF8.self))
    }

    /// Scores of a cat (6 of 8 pixels) and no dog.
    private func scores() throws -> SegmentationScores {
        var matrix = ConfusionMatrix(classCount: 3)
        try matrix.add(prediction: [0, 0, 1, 1, 1, 1, 1, 1], truth: [1, 1, 1, 1, 1, 1, 1, 1])
        return try #require(matrix.scores(classNames: ["background", "cat", "dog"], missing: .ignored))
    }

    private func metrics(_ lines: [String]) throws -> [MetricsRecord] {
        try withTemporaryFolder { folder in
            try MetricsRecord.all(in: write(lines.joined(separator: "\n"), to: "metrics.jsonl", in: folder))
        }
    }

    @Test func anEmptyReportIsAPage() throws {
        let page = try report { _ in }
        #expect(page.all("h1").count == 1 && page.all("h2").isEmpty)
        #expect(page.text.contains("<shapes> & more"))
    }

    @Test func nothingIsLoadedFromElsewhere() throws {
        let page = try report { report in
            report.scores = [ScoreRow(run: "labels", name: "Y_crf", split: "val", images: 3, scores: try scores())]
        }
        #expect(page.all("script").isEmpty && page.all("link").isEmpty)
        #expect(!page.text.contains("http") && !page.text.contains("url(") && !page.text.contains("@import"))
    }

    @Test func scoresAreInPercent() throws {
        let page = try report { report in
            report.classes = ["background", "cat", "dog"]
            report.scores = [ScoreRow(run: "labels", name: "Y_crf", split: "val", images: 3, scores: try scores())]
        }
        // The background is predicted but never true, which counts as 0; the dog is neither.
        #expect(page.all("i").map { $0["style"] } == ["--part: 37.5%"])
        #expect(page.text.contains("37.5") && page.text.contains("75.0") && page.text.contains("–"))
    }

    @Test func theSummaryIsATable() throws {
        var report = Report(title: "", subtitle: "")
        #expect(report.summary == nil)
        report.scores = [
            ScoreRow(run: "labels", name: "Y_crf", split: "train", images: 1000, scores: try scores()),
            ScoreRow(run: "", name: "filled boxes", split: "val", images: 3, scores: try scores()),
        ]
        #expect(
            report.summary == """
                labels        run     split  images  mean IoU, %
                Y_crf         labels  train    1000         37.5
                filled boxes          val         3         37.5
                """)
    }

    @Test func timeIsDividedIntoItsShares() throws {
        let lines = [
            #"{"iteration":1,"loss":2,"lr":0.1,"images_per_second":4,"seconds":6,"seconds_data":1,"seconds_ranks":2}"#,
            #"{"iteration":2,"loss":null,"lr":0.1,"images_per_second":8,"seconds":4,"seconds_data":1,"seconds_ranks":0}"#,
        ]
        let page = try report { report in
            report.trainings = [
                TrainingRecord(name: "one", command: "train classifier", metrics: try metrics(lines))
            ]
        }
        let shares = page.all("i").map { $0["style"] }
        #expect(shares == ["--part: 60.0%", "--part: 20.0%", "--part: 20.0%"])
        #expect(page.text.contains("10 s") && page.text.contains("8.0"))
        #expect(page.all("polyline").count == 2, "loss and learning rate")
    }

    @Test func partsOfTheLossHaveTheirOwnCurves() throws {
        let line = #"{"iteration":1,"loss":2,"loss_unreliable":1,"loss_reliable":1,"lr":0.1}"#
        let page = try report { report in
            report.trainings = [TrainingRecord(name: "one", command: "train segmenter", metrics: try metrics([line]))]
        }
        #expect(page.all("polyline").count == 4)
        #expect(page.all("i").count == 3, "a run that measured no time has no shares of it, but a row")
    }

    @Test func trainingsOfOneKindAreCompared() throws {
        let line = #"{"iteration":1,"loss":2,"lr":0.1}"#
        let trainings = try ["a", "b"].map {
            TrainingRecord(name: $0, command: "train segmenter", metrics: try metrics([line]))
        }
        let both = try report { $0.trainings = trainings }
        #expect(both.text.contains("train segmenter, compared"))
        let one = try report { $0.trainings = [trainings[0]] }
        #expect(!one.text.contains("compared"))
    }

    @Test func settingsAreShownAsTheyAre() throws {
        let page = try report { report in
            report.settings = [
                SettingsRecord(
                    name: "b", notes: ["bana train classifier"], text: "data:\n  root: a<b&c\n",
                    differences: ["solver.lr: 0.1 (a: 0.2)"])
            ]
        }
        #expect(page.text.contains("data:\n  root: a<b&c\n") && page.text.contains("solver.lr: 0.1 (a: 0.2)"))
    }
}
