import Configuration
import FileAccess
import Foundation
import ImageFiles
import Runs
import StageSupport
import Stages
import TestSupport
import Testing

/// Labels of the tiny images, as a COCO set and as a folder of one's own, from a classifier of one step.
@Suite struct LabelCOCOTests {
    private struct Result: Decodable {
        let image_id: Int
        let category_id: Int
    }

    /// The tiny images' boxes as an instances file: image k has the number 10 - k, crowds are every seventh object.
    private func writeInstances(to path: String) throws -> [(image: Int, id: Int)] {
        let ids = (1...8).map { "tiny_0\($0)" }
        var (images, objects, wanted, categories): ([String], [String], [(Int, Int)], [String]) = ([], [], [], [])
        for (index, id) in ids.enumerated() {
            let size = try imageSize(of: fixture("tiny-voc/JPEGImages/\(id).jpg"))
            images.append(
                "{\"id\":\(9 - index),\"file_name\":\"\(id).jpg\",\"width\":\(size.width),\"height\":\(size.height)}")
            let xml = String(decoding: try readFile(fixture("tiny-voc/Annotations/\(id).xml")), as: UTF8.self)
            for match in xml.matches(of: /<object>\s*<name>(\w+)<\/name>(?s:.*?)<bndbox>(?s:(.*?))<\/bndbox>/) {
                let name = String(match.1)
                if !categories.contains(name) { categories.append(name) }
                let edges = ["xmin", "ymin", "xmax", "ymax"].map { edge -> Double in
                    let text = match.2.components(separatedBy: "<\(edge)>").last ?? ""
                    return Double(text.components(separatedBy: "<").first ?? "") ?? 0
                }
                let (number, category) = (objects.count, (categories.firstIndex(of: name) ?? 0) + 1)
                let isCrowd = number % 7 == 6
                if !isCrowd { wanted.append((9 - index, 100 - number)) }
                objects.append(
                    "{\"id\":\(100 - number),\"image_id\":\(9 - index),\"category_id\":\(category),"
                        + "\"iscrowd\":\(isCrowd ? 1 : 0),\"bbox\":[\(edges[0]),\(edges[1]),"
                        + "\(edges[2] - edges[0]),\(edges[3] - edges[1])]}")
            }
        }
        let names = categories.enumerated().map { "{\"id\":\($0 + 1),\"name\":\"\($1)\"}" }
        let lists = [("images", images), ("categories", names), ("annotations", objects)]
        let json = "{" + lists.map { "\"\($0)\":[\($1.joined(separator: ","))]" }.joined(separator: ",") + "}"
        try writeAtomically(Data(json.utf8), to: path)
        return wanted
    }

    private func settings(_ folder: String, _ changes: [String] = []) throws -> RunConfiguration {
        var settings = try tinySettings(for: .trainClassifier, ["solver.iterations=1"])
        _ = try trainClassifier(settings, in: join(folder, "classifier"), restart: false, makeSession())
        settings = try RunConfiguration(ofModel: join(folder, "classifier"))
        let boxes = join(folder, "instances.json")
        try OwnData(images: fixture("tiny-voc/JPEGImages"), boxes: boxes, classes: []).apply(
            to: &settings, overrides: [])
        try settings.apply(changes)
        return settings
    }

    @Test func everyBoxHasAMaskInTheFixedOrder() throws {
        try withTemporaryFolder { folder in
            let wanted = try writeInstances(to: join(folder, "instances.json"))
            let (run, settings) = (join(folder, "labels"), try settings(folder))
            #expect(try makeLabels(settings, in: run, restart: false, previews: 2, makeSession()) == .finished)
            for name in ["instances.json", "instances_Y_ret.json", "instances_Y_and.json"] {
                let results = try JSONDecoder().decode([Result].self, from: readFile(join(run, name)))
                let order = wanted.sorted { ($0.image, $0.id) < ($1.image, $1.id) }
                #expect(results.map(\.image_id) == order.map(\.image) && results.count > 8)
            }
            #expect(try fileNames(in: join(run, "previews")).count == 2)
            #expect(try fileNames(in: run).allSatisfy { !$0.contains("queue") && !$0.contains("-0") })
        }
    }

    @Test func shardsMakeTheSameFilesAsOneJob() throws {
        try withTemporaryFolder { folder in
            _ = try writeInstances(to: join(folder, "instances.json"))
            let settings = try settings(folder, ["label.outputs=[Y_crf, confidence]"])
            let (whole, parts) = (join(folder, "whole"), join(folder, "parts"))
            _ = try makeLabels(settings, in: whole, restart: false, makeSession())
            for (number, text) in ["3/3", "1/3", "2/3"].enumerated() {
                let shard = try #require(Shard(text))
                #expect(!exists(join(parts, "instances.json")))
                _ = try makeLabels(settings, in: parts, restart: false, shard: shard, makeSession())
                let made = try fileNames(in: join(parts, "Y_crf")).count
                #expect(made == [2, 5, 8][number])
            }
            for name in try fileNames(in: join(whole, "Y_crf")).flatMap({ ["Y_crf/\($0)", "confidence/\($0)"] })
                + ["instances.json", "labels.json"]
            {
                #expect(try readFile(join(whole, name)) == readFile(join(parts, name)), "\(name)")
            }
        }
    }

    @Test(arguments: ["", "1", "0/3", "4/3", "1/0", "1/2/3", "a/b", "-1/2"])
    func whatIsNoShard(_ text: String) {
        #expect(Shard(text) == nil)
    }

    @Test func aFolderOfXMLNeedsNoLists() throws {
        try withTemporaryFolder { folder in
            _ = try writeInstances(to: join(folder, "instances.json"))
            var settings = try settings(folder)
            let (images, boxes) = (fixture("tiny-voc/JPEGImages"), fixture("tiny-voc/Annotations"))
            try OwnData(images: images, boxes: boxes, classes: []).apply(to: &settings, overrides: [])
            #expect(try makeLabels(settings, in: join(folder, "labels"), restart: false, makeSession()) == .finished)
            #expect(try fileNames(in: join(folder, "labels/Y_crf")).count == 8)
            #expect(!exists(join(folder, "labels/instances.json")))
        }
    }
}
