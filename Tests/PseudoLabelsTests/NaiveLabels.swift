import Annotations
import Foundation
import PseudoLabels
import TensorCore
import TestSupport

/// Stage 2 straight from the method's text, in Double, on features that are really resized.
struct NaiveLabels {
    let image: AnnotatedImage
    /// F^: `1 x height x width x D`.
    let features: Volume
    /// A row of D numbers for each class; `nil` for one the network does not know.
    let weights: [[Double]?]
    let options: LabelOptions
    let classes: [Int]

    init(_ image: AnnotatedImage, features: Volume, weights: [[Double]?], options: LabelOptions) {
        (self.image, self.weights, self.options) = (image, weights, options)
        self.features = NaiveResize.bilinear(features, height: image.height, width: image.width)
        classes = [0] + Set(image.boxes.map(\.classIndex)).sorted()
    }

    var pixels: Range<Int> { 0..<image.width * image.height }

    func isBackground(_ pixel: Int) -> Bool { image.backgroundMask[pixel] != 0 }

    func vector(_ pixel: Int) -> [Double] {
        Array(features.values[pixel * features.shape.c..<(pixel + 1) * features.shape.c])
    }

    // MARK: - Vectors

    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

    func cosine(_ a: [Double], _ b: [Double]) -> Double {
        dot(a, b) / (max(dot(a, a).squareRoot(), 1e-12) * max(dot(b, b).squareRoot(), 1e-12))
    }

    /// The mean of F^ over some pixels; `nil` for none.
    func mean(of region: [Int]) -> [Double]? {
        guard !region.isEmpty else { return nil }
        return (0..<features.shape.c).map { c in
            region.reduce(0) { $0 + features.values[$1 * features.shape.c + c] } / Double(region.count)
        }
    }

    // MARK: - Boxes

    /// Pixels of a box, after the round trip in single precision.
    func pixels(of box: Box) -> [Int] {
        func position(_ x: Double, _ extent: Int) -> Int {
            let n = Float(extent - 1) / 2
            let r = Float(x) / n - 1
            let product = r * n
            return Int(product + n)
        }
        let (left, right) = (position(box.left, image.width), position(box.right, image.width))
        let (top, bottom) = (position(box.top, image.height), position(box.bottom, image.height))
        return pixels.filter {
            let (y, x) = $0.quotientAndRemainder(dividingBy: image.width)
            return x >= left && x < right && y >= top && y < bottom
        }
    }

    func boxes(of classIndex: Int) -> [[Int]] {
        image.boxes.filter { $0.classIndex == classIndex }.map { pixels(of: $0.box) }
    }

    func isInside(_ classIndex: Int) -> [Bool] {
        let inside = Set(boxes(of: classIndex).joined())
        return pixels.map { inside.contains($0) }
    }

    // MARK: - Steps

    /// u0 before its threshold.
    var attention: [Double] {
        let (G, pad) = (options.grid, { (extent: Int, G: Int) in (G - extent % G) % G })
        let (padX, padY) = (pad(image.width, G), pad(image.height, G))
        func cell(_ position: Int, _ extent: Int, _ pad: Int) -> Int {
            (position + (pad % 2 == 0 ? pad / 2 : 0)) / ((extent + pad) / G)
        }
        let queries = (0..<G * G).compactMap { wanted in
            mean(
                of: pixels.filter {
                    let (y, x) = $0.quotientAndRemainder(dividingBy: image.width)
                    return isBackground($0)
                        && cell(y, image.height, padY) * G + cell(x, image.width, padX) == wanted
                })
        }
        guard !queries.isEmpty else { return pixels.map { _ in 0 } }
        return pixels.map { pixel in
            queries.reduce(0) { $0 + max(cosine(vector(pixel), $1), 0) } / Double(queries.count)
        }
    }

    /// u0 after its threshold, 1 outside the boxes.
    var thresholded: [Double] {
        let attention = attention
        let threshold = Double(options.threshold) * (attention.max() ?? 0)
        return pixels.map { isBackground($0) ? 1 : attention[$0] < threshold ? 0 : attention[$0] }
    }

    func activation(_ weights: [Double]) -> [Double] { pixels.map { max(dot(weights, vector($0)), 0) } }

    func scores(_ classIndex: Int) -> [Double] {
        var scores = pixels.map { _ in 0.0 }
        if options.foreground == .classMap, let weights = weights[classIndex] {
            let map = activation(weights)
            for box in boxes(of: classIndex) {
                let maximum = box.map { map[$0] }.max() ?? 0
                for pixel in box { scores[pixel] = map[pixel] / (maximum + 1e-12) }
            }
        } else {
            let attention = thresholded
            for pixel in boxes(of: classIndex).joined() { scores[pixel] = 1 - attention[pixel] }
        }
        return scores
    }

    var backgroundScores: [Double] {
        if options.background == .attention { return thresholded }
        var map = activation(weights[0] ?? [])
        for box in image.boxes { for pixel in pixels(of: box.box) { map[pixel] = 0 } }
        let maximum = map.max() ?? 0
        return map.map { $0 / maximum }
    }

    /// u0, u_c, ...: a list for each channel.
    var scores: [[Double]] { [backgroundScores] + classes.dropFirst().map(scores) }

    /// A list for each channel.
    var unary: [[Double]] {
        var unary = scores
        for pixel in pixels where !isBackground(pixel) {
            let powers = unary.map { exp($0[pixel]) }
            for channel in unary.indices { unary[channel][pixel] = powers[channel] / powers.reduce(0, +) }
        }
        return unary
    }

    /// The channel of each pixel, from the CRF's marginals.
    func labels(marginals: [Float]) -> [Int] {
        mostLikely(
            classes.indices.map { channel in
                let inside = isInside(classes[channel])
                return pixels.map {
                    channel == 0 || inside[$0] ? Double(marginals[$0 * classes.count + channel]) : 0
                }
            })
    }

    /// The channel of each pixel, from the channels that the CRF gave.
    func retrieval(_ labels: [Int]) -> [Int] {
        mostLikely(
            classes.indices.map { channel in
                let prototype = mean(of: pixels.filter { labels[$0] == channel }) ?? weights[classes[channel]]
                let inside = isInside(classes[channel])
                return pixels.map { pixel in
                    if channel == 0 && isBackground(pixel) { return 1 }
                    guard channel == 0 || inside[pixel], let prototype else { return 0 }
                    return max(cosine(vector(pixel), prototype), 0)
                }
            })
    }

    private func mostLikely(_ values: [[Double]]) -> [Int] {
        pixels.map { pixel in
            var best = 0
            for channel in values.indices where values[channel][pixel] > values[best][pixel] { best = channel }
            return best
        }
    }
}
