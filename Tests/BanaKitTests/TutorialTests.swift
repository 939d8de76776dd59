import BanaKit
import Configuration
import Foundation
import StageSupport
import Stages
import TestSupport
import Testing

@Suite struct TutorialTests {
    /// What the article shows is what is compiled here.
    @Test func theArticleShowsThisCode() throws {
        let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        let article = try String(
            contentsOf: here.appending(path: "../../Sources/BanaKit/BanaKit.docc/BoxesToMasks.md"), encoding: .utf8)
        let code = try String(contentsOf: here.appending(path: "Tutorial.swift"), encoding: .utf8)
        let blocks = article.components(separatedBy: "```swift\n").dropFirst().map {
            $0.components(separatedBy: "```")[0]
        }
        #expect(blocks.count == 2)
        for block in blocks {
            #expect(code.contains(block.replacing("import BanaKit\n\n", with: "")), "\(block)")
        }
    }

    @Test func itRuns() throws {
        try withTemporaryFolder { folder in
            let photo = fixture("tiny-voc/JPEGImages/tiny_01.jpg")
            let session = makeSession()
            let classifier = folder + "/classifier", segmenter = folder + "/segmenter"
            let short = ["solver.iterations=1"]
            _ = try trainClassifier(
                tinySettings(for: .trainClassifier, short), in: classifier, restart: false, session)
            #expect(try labelPhoto(photo, classifier: classifier, to: folder).count == 2)
            let image = try Image(contentsOf: photo)
            let look = try Image(contentsOf: folder + "/look.png")
            #expect((look.width, look.height) == (image.width, image.height))

            _ = try trainSegmenter(tinySettings(for: .trainSegmenter, short), in: segmenter, restart: false, session)
            try segmentPhoto(photo, model: segmenter, to: folder + "/masks.png")
            #expect(FileManager.default.fileExists(atPath: folder + "/masks.png"))
        }
    }
}
