import Kernels
import TensorCore

/// Background-aware pooling of one image, forward and backward.
///
/// The samples of a box are gathered afresh in backward instead of being kept: they take many times the memory of
/// the features.
struct ImagePooling {
    let plan: ImagePlan
    /// `1 x h x w x D`.
    let features: Tensor
    let scratch: PoolingScratch.Part

    private var channels: Int { features.shape.c }
    private var queryCount: Int { plan.grid.cells.count }

    // MARK: - Background queries

    /// q_j = sum of the cell's background features / (their number + 1e-12).
    func poolBackground(into vectors: Tensor) {
        let (channels, source, results) = (channels, features.floats, vectors.floats)
        for (cell, query) in zip(plan.grid.cells, 0...) {
            let result = results + (plan.firstQuery + query) * channels
            result.update(repeating: 0, count: channels)
            for pixel in cell.pixels { add(source + pixel * channels, to: result, count: channels) }
            scale(result, by: 1 / (Float(cell.pixels.count) + pooledEpsilon), count: channels)
        }
    }

    /// Spreads the queries' gradients over their pixels.
    func backgroundGradient(_ dVectors: Tensor, into dFeatures: Tensor) {
        let (channels, gradients, results) = (channels, dVectors.floats, dFeatures.floats)
        for (cell, query) in zip(plan.grid.cells, 0...) {
            let gradient = gradients + (plan.firstQuery + query) * channels
            let share = 1 / (Float(cell.pixels.count) + pooledEpsilon)
            for pixel in cell.pixels {
                addScaled(gradient, by: share, to: results + pixel * channels, count: channels)
            }
        }
    }

    // MARK: - Boxes

    /// sum(weight * sample) / (sum(weight) + 1e-12) in every window of every box.
    func poolBoxes(into vectors: Tensor) {
        normalizeQueries(of: vectors)
        var result = vectors.floats + plan.rows.lowerBound * channels
        for crop in plan.crops {
            gather(crop)
            weigh(crop)
            for window in crop.windows {
                result.update(repeating: 0, count: channels)
                let sum = sumOfWeights(of: window)
                window.forEachSample { sample in
                    let share = scratch.weights[sample] / sum
                    addScaled(scratch.samples + sample * channels, by: share, to: result, count: channels)
                }
                result += channels
            }
        }
    }

    /// Adds the boxes' share of the features' gradient, and the queries' share (by way of the attention) to the
    /// queries' rows of `dVectors`.
    func boxGradient(_ dVectors: Tensor, of vectors: Tensor, into dFeatures: Tensor) {
        normalizeQueries(of: vectors)
        scratch.queryGradients.update(repeating: 0, count: queryCount * channels)
        var row = plan.rows.lowerBound
        for crop in plan.crops {
            gather(crop)
            weigh(crop)
            scratch.sampleGradients.update(repeating: 0, count: crop.count * channels)
            scratch.weightGradients.update(repeating: 0, count: crop.count)
            for window in crop.windows {
                windowGradient(window, vectors.floats + row * channels, dVectors.floats + row * channels)
                row += 1
            }
            if plan.usesAttention { attentionGradient(crop) }
            scatter(crop, into: dFeatures)
        }
        if plan.usesAttention { addQueryGradients(to: dVectors) }
    }

    /// With P = sum(w v) / S: dv = w / S dP, and dw = (v - P) . dP / S.
    private func windowGradient(
        _ window: CropWindow, _ pooled: UnsafeMutablePointer<Float>, _ dPooled: UnsafeMutablePointer<Float>
    ) {
        let sum = sumOfWeights(of: window)
        let pooledDot = dot(pooled, dPooled, count: channels)
        window.forEachSample { sample in
            let start = sample * channels
            let share = scratch.weights[sample] / sum
            addScaled(dPooled, by: share, to: scratch.sampleGradients + start, count: channels)
            let sampleDot = dot(scratch.samples + start, dPooled, count: channels)
            scratch.weightGradients[sample] += (sampleDot - pooledDot) / sum
        }
    }

    private func sumOfWeights(of window: CropWindow) -> Float {
        var sum: Float = 0
        window.forEachSample { sum += scratch.weights[$0] }
        return sum + pooledEpsilon
    }

    // MARK: - Attention

    private func normalizeQueries(of vectors: Tensor) {
        guard plan.usesAttention else { return }
        for query in 0..<queryCount {
            scratch.queryNorms[query] = normalize(
                vectors.floats + (plan.firstQuery + query) * channels, count: channels,
                into: scratch.queries + query * channels)
        }
    }

    /// weight = 1 - mean over j of relu(cos(sample, q_j)); 1 where there is no attention.
    private func weigh(_ crop: BoxCrop) {
        guard plan.usesAttention else {
            scratch.weights.update(repeating: 1, count: crop.count)
            return
        }
        multiply(
            Matrix(scratch.samples, stride: channels), Matrix(scratch.queries, stride: channels, .transposed),
            into: Matrix(scratch.cosines, stride: queryCount), rows: crop.count, columns: queryCount, inner: channels)
        for sample in 0..<crop.count {
            let vector = scratch.samples + sample * channels
            let norm = max(dot(vector, vector, count: channels).squareRoot(), shortestNorm)
            var attention: Float = 0
            for query in 0..<queryCount {
                let cosine = scratch.cosines[sample * queryCount + query] / norm
                scratch.cosines[sample * queryCount + query] = cosine
                attention += max(cosine, 0)
            }
            scratch.norms[sample] = norm
            scratch.weights[sample] = 1 - attention / Float(queryCount)
        }
    }

    /// From the gradients of the weights to those of the samples and of the normalised queries.
    private func attentionGradient(_ crop: BoxCrop) {
        let share = -1 / Float(queryCount)
        for sample in 0..<crop.count {
            let row = scratch.cosines + sample * queryCount
            let gradient = share * scratch.weightGradients[sample] / scratch.norms[sample]
            // d cos / d sample = (query - cos * sample / norm) / norm; the second part is taken out at once.
            var along: Float = 0
            for query in 0..<queryCount {
                along += row[query] > 0 ? gradient * row[query] : 0
                row[query] = row[query] > 0 ? gradient : 0
            }
            let start = sample * channels
            addScaled(
                scratch.samples + start, by: -along / scratch.norms[sample], to: scratch.sampleGradients + start,
                count: channels)
        }
        let cosineGradients = Matrix(scratch.cosines, stride: queryCount)
        multiply(
            cosineGradients, Matrix(scratch.queries, stride: channels),
            into: Matrix(scratch.sampleGradients, stride: channels), rows: crop.count, columns: channels,
            inner: queryCount, accumulate: true)
        multiply(
            Matrix(scratch.cosines, stride: queryCount, .transposed), Matrix(scratch.samples, stride: channels),
            into: Matrix(scratch.queryGradients, stride: channels), rows: queryCount, columns: channels,
            inner: crop.count, accumulate: true)
    }

    private func addQueryGradients(to dVectors: Tensor) {
        for query in 0..<queryCount {
            let gradient = scratch.queryGradients + query * channels
            normalizeGradient(
                gradient, normalized: scratch.queries + query * channels, norm: scratch.queryNorms[query],
                count: channels)
            add(gradient, to: dVectors.floats + (plan.firstQuery + query) * channels, count: channels)
        }
    }

    // MARK: - Samples

    /// Bilinear samples of the features, row by row, zero outside the map.
    private func gather(_ crop: BoxCrop) {
        scratch.samples.update(repeating: 0, count: crop.count * channels)
        let (channels, source, samples) = (channels, features.floats, scratch.samples)
        forEachCorner(of: crop) { sample, pixel, share in
            addScaled(source + pixel * channels, by: share, to: samples + sample * channels, count: channels)
        }
    }

    /// The transpose of `gather`: adds the samples' gradients to the features they came from.
    private func scatter(_ crop: BoxCrop, into dFeatures: Tensor) {
        let (channels, gradients, results) = (channels, scratch.sampleGradients, dFeatures.floats)
        forEachCorner(of: crop) { sample, pixel, share in
            addScaled(gradients + sample * channels, by: share, to: results + pixel * channels, count: channels)
        }
    }

    private func forEachCorner(of crop: BoxCrop, _ body: (_ sample: Int, _ pixel: Int, _ share: Float) -> Void) {
        var sample = 0
        for row in crop.rows.samples {
            let (upper, lower) = (row.lower * features.shape.w, row.upper * features.shape.w)
            for column in crop.columns.samples {
                func visit(_ pixel: Int, _ share: Float) { if share != 0 { body(sample, pixel, share) } }
                visit(upper + column.lower, row.lowerShare * column.lowerShare)
                visit(upper + column.upper, row.lowerShare * column.upperShare)
                visit(lower + column.lower, row.upperShare * column.lowerShare)
                visit(lower + column.upper, row.upperShare * column.upperShare)
                sample += 1
            }
        }
    }
}

/// Keeps a mean over nothing finite.
private let pooledEpsilon: Float = 1e-12
