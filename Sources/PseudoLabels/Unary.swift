internal import Kernels
internal import TensorCore

/// The scores the CRF starts from: `1 x height x width x channels`, the background first (paper section 3.2).
///
/// Inside the boxes they pass through a softmax; outside the background has 1 (or its map's value), the rest 0.
struct Unary {
    let features: UpsampledFeatures
    let image: AnnotatedImage
    let channels: LabelChannels
    let weights: ClassWeights
    let options: LabelOptions
    let workspace: Workspace

    func scores() -> Tensor {
        let scores = workspace.zeros(Shape(1, image.height, image.width, channels.count))
        let usesAttention = options.background == .attention || channels.classes.dropFirst().contains(where: isAgnostic)
        let attention = usesAttention ? attention() : nil
        let maps = classMaps()
        for (channel, boxes) in channels.boxes.enumerated().dropFirst() {
            if isAgnostic(channels.classes[channel]) {
                if let attention { fill(channel, of: scores, boxes) { 1 - attention.data[$0] } }
            } else if let map = maps[channel] {
                for box in boxes { fillNormalized(channel, of: scores, box, map) }
            }
        }
        if options.background == .attention, let attention {
            for pixel in 0..<attention.count { scores.data[pixel * channels.count] = attention.data[pixel] }
        } else if let map = maps[0] {
            fillBackgroundMap(scores, map)
        }
        finish(scores)
        return scores
    }

    private func attention() -> Tensor {
        backgroundAttention(features, image, grid: options.grid, threshold: options.threshold, workspace)
    }

    /// Whether a class has no activation map to go by.
    private func isAgnostic(_ classIndex: Int) -> Bool {
        options.foreground == .classAgnostic || weights[classIndex] == nil
    }

    // MARK: - Class activation maps

    /// relu(w_c . F^(p)) of one channel among those computed together.
    private struct ClassMap {
        let products: Tensor
        let column: Int

        subscript(pixel: Int) -> Float { max(products.data[pixel * products.shape.c + column], 0) }
    }

    private func classMaps() -> [Int: ClassMap] {
        let wanted = channels.classes.indices.filter { channel in
            let classIndex = channels.classes[channel]
            return channel == 0 ? options.background == .classMap : !isAgnostic(classIndex)
        }
        guard !wanted.isEmpty else { return [:] }
        let rows = workspace.tensor(Shape(1, 1, wanted.count, weights.channels))
        for (column, channel) in wanted.enumerated() {
            guard let row = weights[channels.classes[channel]] else { continue }
            (rows.data + column * weights.channels).update(from: row, count: weights.channels)
        }
        let products = features.products(with: rows.data, count: wanted.count)
        let maps = wanted.indices.map { ClassMap(products: products, column: $0) }
        return Dictionary(uniqueKeysWithValues: zip(wanted, maps))
    }

    private func fill(
        _ channel: Int, of scores: Tensor, _ boxes: [BoxPixels], _ value: (_ pixel: Int) -> Float
    ) {
        for box in boxes {
            box.forEach(width: image.width) { scores.data[$0 * channels.count + channel] = value($0) }
        }
    }

    /// The map divided by its maximum in the box; a later box of the class overwrites an earlier one.
    private func fillNormalized(_ channel: Int, of scores: Tensor, _ box: BoxPixels, _ map: ClassMap) {
        var greatest: Float = 0
        box.forEach(width: image.width) { greatest = max(greatest, map[$0]) }
        fill(channel, of: scores, [box]) { map[$0] / (greatest + 1e-12) }
    }

    /// The background's map, 0 inside the boxes, divided by its maximum.
    private func fillBackgroundMap(_ scores: Tensor, _ map: ClassMap) {
        var isInside = [Bool](repeating: false, count: image.width * image.height)
        for box in channels.boxes.joined() { box.forEach(width: image.width) { isInside[$0] = true } }
        var greatest: Float = 0
        for pixel in isInside.indices where !isInside[pixel] { greatest = max(greatest, map[pixel]) }
        guard greatest > 0 else { return }
        for pixel in isInside.indices where !isInside[pixel] {
            scores.data[pixel * channels.count] = map[pixel] / greatest
        }
    }

    // MARK: - Inside and outside

    private func finish(_ scores: Tensor) {
        for pixel in 0..<scores.shape.pixels {
            let row = scores.data + pixel * channels.count
            if image.backgroundMask[pixel] == 0 {
                _ = softmax(row, count: channels.count, into: row)
            } else {
                for channel in 1..<max(1, channels.count) { row[channel] = 0 }
            }
        }
    }
}
