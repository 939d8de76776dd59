import BanaKit
import Configuration
import Foundation
import ImageFiles
import StageSupport
import Stages
import TestSupport
import Testing

@Suite struct FacadeTests {
    private func message(_ body: () throws(BanaError) -> some Any) -> String {
        do {
            _ = try body()
            return ""
        } catch {
            return error.description
        }
    }

    @Test func errorsAreOneLineThatNamesTheFile() {
        #expect(message { () throws(BanaError) in try Image(contentsOf: "/none.jpg") }.hasPrefix("/none.jpg: "))
        #expect(message { () throws(BanaError) in try BoxLabeler(contentsOf: "/none") }.contains("/none"))
        #expect(message { () throws(BanaError) in try WeightArchive(contentsOf: "/none") }.hasPrefix("/none: "))
        let wrong = DenseRandomField.Parameters(
            bilateralWeight: 4, bilateralDistance: 0, bilateralColor: 3, spatialWeight: 3, spatialDistance: 3)
        #expect(message { () throws(BanaError) in try DenseRandomField(wrong) }.contains("deviations above 0"))
    }

    /// What a caller may get wrong is told, and ends no process.
    @Test func argumentsThatDoNotFitAreErrors() throws {
        for (width, height) in [(0, 0), (-1, -1), (2, 3), (4, 4), (Int.max, 3)] {
            let problem = message { () throws(BanaError) in
                try Image(width: width, height: height, pixels: [UInt8](repeating: 0, count: 36))
            }
            #expect(problem.contains("36 bytes for an image of \(width)x\(height) pixels"))
        }
        let image = try Image(width: 4, height: 3, pixels: [UInt8](repeating: 0, count: 36))
        let field = try DenseRandomField()
        let refined = message { () throws(BanaError) in try field.refine([0.5, 0.5], channels: 2, of: image) }
        #expect(refined.hasPrefix("2 probabilities for 2 channels of 4x3 pixels"))
        for channels in [0, -1, .max] {
            let problem = message { () throws(BanaError) in try field.refine([], channels: channels, of: image) }
            #expect(problem.hasPrefix("0 probabilities for \(channels) channels"))
        }
        let probabilities = [Float](repeating: 0.5, count: 24)
        for threads in [0, -3] {
            let fieldError = message { () throws(BanaError) in
                try field.refine(probabilities, channels: 2, of: image, threads: threads)
            }
            #expect(fieldError == "\(threads) threads; give at least 1, or nil")
            let (results, truth) = (fixture("coco/results.json"), fixture("coco/instances.json"))
            let scoreError = message { () throws(BanaError) in
                try MaskScores(results: results, truth: truth, threads: threads)
            }
            #expect(scoreError == "\(threads) threads; give at least 1, or nil")
        }
    }

    /// The facade labels as the command does.
    @Test func labelsAreThoseOfTheCommand() throws {
        try withTemporaryFolder { folder in
            let session = makeSession()
            _ = try trainClassifier(
                tinySettings(for: .trainClassifier, ["solver.iterations=2"]), in: folder + "/classifier",
                restart: false, session)
            let settings = try tinySettings(
                for: .label,
                ["label.split=train", "model.weights=\(folder)/classifier/model.safetensors", "data.split=train"])
            _ = try makeLabels(settings, in: folder + "/labels", restart: false, session)

            let labeler = try BoxLabeler(contentsOf: folder + "/classifier", threads: 2)
            let image = try Image(contentsOf: fixture("tiny-voc/JPEGImages/tiny_03.jpg"))
            let boxes = try boxes(of: "tiny_03")
            #expect(!boxes.isEmpty)
            let labels = try labeler.label(image, boxes: boxes)
            try labels.crf.write(to: folder + "/crf.png")
            try labels.retrieval.write(to: folder + "/ret.png")
            for (mine, theirs) in [("crf.png", "labels/Y_crf/tiny_03.png"), ("ret.png", "labels/Y_ret/tiny_03.png")] {
                // The command's files also tell of which image and boxes they are.
                let maps = try [mine, theirs].map { try LabelMap(contentsOf: "\(folder)/\($0)") }
                #expect(maps[0].pixels == maps[1].pixels)
            }
            for (box, mask) in zip(boxes, labels.masks) {
                let label = labeler.classes.firstIndex(of: box.label)
                for (pixel, isInside) in mask.pixels.enumerated() where isInside {
                    #expect(Int(labels.crf.pixels[pixel]) == label)
                }
                #expect(mask.runLengths.reduce(0, +) == UInt32(image.width * image.height))
            }
            #expect(throws: BanaError.self) {
                try labeler.label(image, boxes: [Box("unicorn", left: 0, top: 0, right: 5, bottom: 5)])
            }
            #expect(throws: BanaError.self) {
                try labeler.label(image, boxes: [Box("dog", left: 900, top: 0, right: 905, bottom: 5)])
            }
            for edge in [Double.nan, -.infinity] {
                let box = Box("dog", left: edge, top: 0, right: 5, bottom: 5)
                #expect(
                    message { () throws(BanaError) in try labeler.label(image, boxes: [box]) }
                        .contains("an edge that is NaN or infinite"))
            }
            let other = try Image(width: 1, height: 1, pixels: [0, 0, 0])
            let overlay = message { () throws(BanaError) in
                try labels.crf.writeOverlay(on: other, to: folder + "/none.png")
            }
            #expect(overlay.contains("on an image of 1x1 pixels"))
        }
    }

    /// Objects of a fixture's XML file; VOC counts pixels from 1, the last one included.
    private func boxes(of id: String) throws -> [Box] {
        let text = try String(contentsOfFile: fixture("tiny-voc/Annotations/\(id).xml"), encoding: .utf8)
        return text.components(separatedBy: "<object>").dropFirst().map { object in
            func value(_ name: String) -> String {
                String(object.components(separatedBy: "<\(name)>")[1].prefix { $0 != "<" })
            }
            func number(_ name: String) -> Double { Double(value(name)) ?? .nan }
            return Box(
                value("name"), left: number("xmin"), top: number("ymin"), right: number("xmax"),
                bottom: number("ymax"))
        }
    }

    @Test func aFieldWithoutWeightsChangesNothing() throws {
        let pixels: [UInt8] = (0..<36).map { (value: UInt8) in value * 7 }
        let image = try Image(width: 4, height: 3, pixels: pixels)
        var parameters = DenseRandomField.Parameters.pseudoLabels
        (parameters.bilateralWeight, parameters.spatialWeight) = (0, 0)
        let probabilities: [Float] = (1...12).flatMap { (value: Int) -> [Float] in
            let first = Float(value) / 16
            return [first, 1 - first]
        }
        let refined = try DenseRandomField(parameters).refine(probabilities, channels: 2, of: image, threads: 1)
        #expect(zip(refined, probabilities).allSatisfy { abs($0 - $1) < 1e-5 })
    }

    @Test func weightsAreReadAsWritten() throws {
        try withTemporaryFolder { folder in
            let archive = WeightArchive([
                "a.weight": .init(shape: [2, 1, 1, 3], elements: [1, 2, 3, -4, 0.5, .pi]),
                "a.bias": .init(shape: [2], elements: [0, 1e-30]),
            ])
            try archive.write(to: folder + "/w.safetensors")
            #expect(try WeightArchive(contentsOf: folder + "/w.safetensors").tensors == archive.tensors)
        }
    }

    @Test func masksAreScoredAsPycocotoolsDoes() throws {
        let scores = try MaskScores(
            results: fixture("coco/results.json"), truth: fixture("coco/instances.json"))
        #expect(scores.figures.count == 12)
        let wanted = try #require(try decodeFixture([String: [String: Double]].self, "coco/scores.json")["results"])
        #expect(Set(scores.figures.keys) == Set(wanted.keys))
        for (name, value) in wanted { #expect(abs((scores.figures[name] ?? .nan) - value) < 1e-9, "\(name)") }
    }
}
