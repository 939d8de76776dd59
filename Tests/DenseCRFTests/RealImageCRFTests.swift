import Annotations
import DenseCRF
import FileAccess
import Foundation
import ImageFiles
import TensorCore
import TestSupport
import Testing

/// Twenty photographs, against the labels that pydensecrf gives them (`Fixtures/reference/compare_crf.py`).
@Suite(
    "The CRF and pydensecrf on photographs", .enabled(if: root != nil, "BANA_TEST_DATA names no folder of test data"))
struct RealImageCRFTests {
    @Test("label at least 99.5 % of each photograph alike, and 99.9 % of all")
    func agree() throws {
        let shares = try (0..<names.count).map { try agreement(names[$0]) }
        #expect(shares.count == 20)
        for (name, share) in zip(names, shares) { #expect(share >= 0.995, "\(name)") }
        #expect(shares.reduce(0, +) / Double(shares.count) >= 0.999)
    }

    private func agreement(_ name: String) throws -> Double {
        let image = try RGBImage(contentsOf: join(root ?? "", "JPEGImages/\(name).jpg"))
        let wanted = try LabelMap(contentsOf: fixture("crf/voc/\(name).png"))
        let context = makeContext(.inference)
        let scene = try Photograph(name: name, width: image.width, height: image.height)
        let crf = try ImageCRF(
            image.pixels, width: image.width, height: image.height, parameters: .pseudoLabels,
            pool: context.pool, workspace: context.workspace)
        let shape = Shape(1, image.height, image.width, scene.channels)
        let marginals = crf.marginals(of: context.workspace.tensor(shape, scene.probabilities())).elements
        let found = stride(from: 0, to: marginals.count, by: scene.channels).map { first in
            UInt8((0..<scene.channels).max { marginals[first + $0] < marginals[first + $1] } ?? 0)
        }
        return Double(zip(found, wanted.pixels).count { $0 == $1 }) / Double(found.count)
    }

    private var names: [String] {
        let files = (try? FileManager.default.contentsOfDirectory(atPath: fixture("crf/voc"))) ?? []
        return files.filter { $0.hasSuffix(".png") }.map { String($0.dropLast(4)) }.sorted()
    }
}

/// Class probabilities that a photograph's boxes and a formula give: the twin of `plausible_probabilities`.
private struct Photograph {
    let name: String
    let width: Int
    let height: Int
    /// The boxes of each class present, in ascending order of the classes.
    let classes: [[Box]]

    init(name: String, width: Int, height: Int) throws {
        (self.name, self.width, self.height) = (name, width, height)
        let annotation = try VOCAnnotation(contentsOf: join(root ?? "", "Annotations/\(name).xml"))
        let groups = Dictionary(grouping: annotation.objects) { (try? ClassList.voc.index(of: $0.name)) ?? 0 }
        classes = groups.sorted { $0.key < $1.key }.map { $0.value.map(\.box) }
    }

    var channels: Int { classes.count + 1 }

    func probabilities() -> [Float] {
        let scores = (0..<channels).map(scores)
        return (0..<width * height).flatMap { pixel -> [Float] in
            let best = scores.map { $0[pixel] }.max() ?? 0
            let powers = scores.map { exp($0[pixel] - best) }
            let sum = powers.reduce(0, +)
            return powers.map { Float($0 / sum) }
        }
    }

    private func scores(of channel: Int) -> [Double] {
        let cell = 24
        let columns = width / cell + 2
        let coarse = Formula.values("\(name)/\(channel)", count: (height / cell + 2) * columns).map { Double($0) }
        return (0..<width * height).map { pixel in
            let (y, x) = pixel.quotientAndRemainder(dividingBy: width)
            let (v, u) = (Double(y % cell) / Double(cell), Double(x % cell) / Double(cell))
            let corner = y / cell * columns + x / cell
            let top = (1 - u) * coarse[corner] + u * coarse[corner + 1]
            let bottom = (1 - u) * coarse[corner + columns] + u * coarse[corner + columns + 1]
            return score(of: channel, Double(x) + 0.5, Double(y) + 0.5) + 3 * ((1 - v) * top + v * bottom)
        }
    }

    /// High on an ellipse in a box of the class, low towards and beyond its edges.
    private func score(of channel: Int, _ x: Double, _ y: Double) -> Double {
        guard channel > 0 else { return 0 }
        return classes[channel - 1].map { box in
            let across = (2 * x - box.left - box.right) / (box.right - box.left)
            let down = (2 * y - box.top - box.bottom) / (box.bottom - box.top)
            return 3 * tanh(2 * (1 - (across * across + down * down).squareRoot()))
        }.max() ?? 0
    }
}

/// The photographs, in VOC's layout.
private let root = ProcessInfo.processInfo.environment["BANA_TEST_DATA"].map { join($0, "data/voc2012-2007") }
