import Foundation
import Kernels
package import TensorCore

/// The losses of stage 3 on two label maps that may disagree (paper section 3.3), in two phases.
///
/// A pixel is *reliable* where Y_crf = Y_ret, *unreliable* where they differ, and ignored where Y_crf = 255. With
/// H = softmax(T z) and c* = Y_crf:
///
///     L_ce  = mean over reliable pixels of -log H_c*
///     sigma = ((1 + z_c*) / max_c (1 + z_c))^gamma
///     L_wce = sum over unreliable pixels of sigma (-log H_c*) / sum of sigma
///     NAL   = L_ce + lambda L_wce
///
/// The other losses replace the second term, or leave it out.
package struct SegmentationLoss: Sendable {
    /// What is made of the two label maps; the raw values are the names of tables and configs.
    package enum Kind: String, CaseIterable, Sendable {
        /// NAL: cross-entropy where the two agree, and, weighted by confidence, where they disagree.
        case noiseAware = "nal"
        /// Cross-entropy on Y_crf alone.
        case crfLabels = "ce_crf"
        /// Cross-entropy on Y_ret alone.
        case retrievalLabels = "ce_ret"
        /// Cross-entropy where the two agree.
        case baseline
        /// The entropy of H where they disagree.
        case entropy
        /// Cross-entropy with beta Y_crf + (1 - beta) H where they disagree; beta falls from 1 to 0.
        case bootstrapping
    }

    package var kind: Kind
    /// Weight of the second term.
    package var lambda: Float
    /// Exponent of the confidence.
    package var gamma: Float
    /// Whether sigma is a constant to the gradient.
    package var detachesSigma: Bool
    /// T.
    package var temperature: Float

    package init(
        kind: Kind, lambda: Float = 0.1, gamma: Float = 7, detachesSigma: Bool = false, temperature: Float = 20
    ) {
        (self.kind, self.lambda, self.gamma) = (kind, lambda, gamma)
        (self.detachesSigma, self.temperature) = (detachesSigma, temperature)
    }

    /// Numerators and denominators, added over pixels, micro-batches and ranks.
    package struct Sums: Equatable, Sendable, BitwiseCopyable {
        package var reliableLoss = 0.0
        package var reliableCount = 0.0
        package var unreliableLoss = 0.0
        /// The sum of sigma, or the number of unreliable pixels.
        package var unreliableWeight = 0.0

        package init() {}

        /// The sums as numbers that can be added elsewhere, and back.
        package init(_ values: [Double]) {
            precondition(values.count == 4, "\(values.count) sums of a segmentation loss")
            (reliableLoss, reliableCount) = (values[0], values[1])
            (unreliableLoss, unreliableWeight) = (values[2], values[3])
        }

        /// The four numbers in a fixed order.
        package var values: [Double] { [reliableLoss, reliableCount, unreliableLoss, unreliableWeight] }

        static func += (a: inout Sums, b: Sums) {
            a.reliableLoss += b.reliableLoss
            a.reliableCount += b.reliableCount
            a.unreliableLoss += b.unreliableLoss
            a.unreliableWeight += b.unreliableWeight
        }

        /// L_ce; 0 where no pixel is reliable.
        package var reliableMean: Double { reliableCount > 0 ? reliableLoss / reliableCount : 0 }
        /// The second term; 0 where no pixel is unreliable.
        package var unreliableMean: Double { unreliableWeight > 0 ? unreliableLoss / unreliableWeight : 0 }
    }

    /// The two label maps of a batch, `N x H x W` bytes each; 255 is "ignore".
    package struct Labels {
        package let crf: UnsafePointer<UInt8>
        package let retrieval: UnsafePointer<UInt8>

        package init(crf: UnsafePointer<UInt8>, retrieval: UnsafePointer<UInt8>) {
            (self.crf, self.retrieval) = (crf, retrieval)
        }
    }

    /// The loss of the global batch.
    package func value(_ global: Sums) -> Double {
        global.reliableMean + Double(lambda) * global.unreliableMean
    }

    /// The sums over this rank's pixels.
    ///
    /// - Parameters:
    ///   - cosines: z at the labels' size, `N x H x W x C`.
    ///   - progress: t / t_max, for bootstrapping's beta.
    package func sums(
        _ cosines: Tensor, _ labels: Labels, progress: Double, _ context: StepContext
    ) -> Sums {
        let classes = cosines.shape.c
        let chunks = (cosines.shape.pixels + pixelsPerSum - 1) / pixelsPerSum
        let scratch = context.workspace.tensor(Shape(context.pool.threadCount, 1, 1, classes))
        let partial = context.workspace.buffer(of: Sums.self, count: max(1, chunks))
        let (z, probabilities, beta) = (cosines.floats, scratch.floats, beta(progress))
        context.pool.parallelFor(cosines.shape.pixels, by: pixelsPerSum) { pixels, thread in
            var sums = Sums()
            for pixel in pixels {
                guard let role = role(of: pixel, labels) else { continue }
                let state = PixelState(
                    z + pixel * classes, probabilities: probabilities + thread * classes, classes, role.label,
                    temperature)
                add(state, role, beta, to: &sums)
            }
            partial.data[pixels.lowerBound / pixelsPerSum] = sums
        }
        return (0..<chunks).reduce(into: Sums()) { $0 += partial.data[$1] }
    }

    /// The gradient of the global loss, in place of the cosines.
    package func gradient(
        _ cosines: Tensor, _ labels: Labels, global: Sums, progress: Double, _ context: StepContext
    ) -> Tensor {
        let classes = cosines.shape.c
        let scratch = context.workspace.tensor(Shape(context.pool.threadCount, 1, 1, classes))
        let (first, probabilities, beta) = (cosines.floats, scratch.floats, beta(progress))
        context.pool.parallelFor(cosines.shape.pixels, by: pixelsPerSum) { pixels, thread in
            for pixel in pixels {
                let z = first + pixel * classes
                guard let role = role(of: pixel, labels) else {
                    z.update(repeating: 0, count: classes)
                    continue
                }
                let state = PixelState(
                    z, probabilities: probabilities + thread * classes, classes, role.label, temperature)
                replace(z, byGradientOf: state, role, beta, global)
            }
        }
        return cosines
    }

    private func beta(_ progress: Double) -> Double { progress < 1 ? pow(1 - progress, 0.9) : 0 }
}

// MARK: - One pixel

extension SegmentationLoss {
    /// Which term a pixel enters, and with which label.
    private struct Role {
        let label: Int
        let isReliable: Bool
    }

    private func role(of pixel: Int, _ labels: Labels) -> Role? {
        let (crf, retrieval) = (labels.crf[pixel], labels.retrieval[pixel])
        switch kind {
        case .crfLabels: return crf == ignored ? nil : Role(label: Int(crf), isReliable: true)
        case .retrievalLabels: return retrieval == ignored ? nil : Role(label: Int(retrieval), isReliable: true)
        case .baseline: return crf == ignored || crf != retrieval ? nil : Role(label: Int(crf), isReliable: true)
        case .noiseAware, .entropy, .bootstrapping:
            return crf == ignored ? nil : Role(label: Int(crf), isReliable: crf == retrieval)
        }
    }

    private func add(_ state: PixelState, _ role: Role, _ beta: Double, to sums: inout Sums) {
        guard !role.isReliable else {
            sums.reliableLoss += Double(state.crossEntropy)
            sums.reliableCount += 1
            return
        }
        switch kind {
        case .noiseAware:
            let sigma = Double(state.confidence(gamma).sigma)
            sums.unreliableLoss += sigma * Double(state.crossEntropy)
            sums.unreliableWeight += sigma
        case .entropy:
            sums.unreliableLoss += Double(state.entropy())
            sums.unreliableWeight += 1
        case .bootstrapping:
            sums.unreliableLoss += beta * Double(state.crossEntropy) + (1 - beta) * Double(state.entropy())
            sums.unreliableWeight += 1
        case .crfLabels, .retrievalLabels, .baseline:
            preconditionFailure("\(kind) has no unreliable pixels")
        }
    }

    private func replace(
        _ z: UnsafeMutablePointer<Float>, byGradientOf state: PixelState, _ role: Role, _ beta: Double, _ global: Sums
    ) {
        if role.isReliable {
            state.write(crossEntropy: temperature * Float(1 / global.reliableCount), entropy: 0, to: z)
            return
        }
        guard global.unreliableWeight > 0 else {
            z.update(repeating: 0, count: state.classes)
            return
        }
        let share = lambda * Float(1 / global.unreliableWeight)
        switch kind {
        case .noiseAware:
            let confidence = state.confidence(gamma)
            let sigmaShare = detachesSigma ? 0 : share * (state.crossEntropy - Float(global.unreliableMean))
            state.write(crossEntropy: temperature * share * confidence.sigma, entropy: 0, to: z)
            z[state.label] += sigmaShare * confidence.byOwn
            z[confidence.largest] += sigmaShare * confidence.byLargest
        case .entropy:
            state.write(crossEntropy: 0, entropy: temperature * share, to: z)
        case .bootstrapping:
            let scale = temperature * share
            state.write(crossEntropy: scale * Float(beta), entropy: scale * Float(1 - beta), to: z)
        case .crfLabels, .retrievalLabels, .baseline:
            preconditionFailure("\(kind) has no unreliable pixels")
        }
    }
}

/// The classifier's opinion of one pixel.
private struct PixelState {
    let label: Int
    let classes: Int
    /// The cosines.
    private let z: UnsafePointer<Float>
    /// H = softmax(T z).
    let probabilities: UnsafeMutablePointer<Float>
    /// -log H of the label.
    let crossEntropy: Float

    init(
        _ z: UnsafePointer<Float>, probabilities: UnsafeMutablePointer<Float>, _ classes: Int, _ label: Int,
        _ temperature: Float
    ) {
        precondition(label < classes, "label \(label) of \(classes) classes")
        (self.label, self.classes, self.z, self.probabilities) = (label, classes, z, probabilities)
        let logSum = softmax(z, temperature: temperature, count: classes, into: probabilities)
        crossEntropy = logSum - temperature * z[label]
    }

    /// How far a label is to be trusted, with the derivatives by its cosine and by the largest one.
    struct Confidence {
        let sigma: Float
        let byOwn: Float
        let byLargest: Float
        /// The class of the largest cosine (the first of equals).
        let largest: Int
    }

    /// sigma = (D_label / max D)^gamma, with D = 1 + z; asked for before `write` replaces the cosines.
    func confidence(_ gamma: Float) -> Confidence {
        let largest = argmax(z, count: classes)
        let (own, most) = (1 + z[label], 1 + z[largest])
        let sigma = most > 0 ? powf(max(0, own / most), gamma) : 1
        guard own > 0 else { return Confidence(sigma: sigma, byOwn: 0, byLargest: 0, largest: largest) }
        return Confidence(
            sigma: sigma, byOwn: gamma * sigma / own, byLargest: -gamma * sigma / most, largest: largest)
    }

    /// -sum of H log H.
    func entropy() -> Float {
        var sum: Float = 0
        for c in 0..<classes where probabilities[c] > 0 { sum -= probabilities[c] * logf(probabilities[c]) }
        return sum
    }

    /// Writes `crossEntropy * (H - onehot) + entropy * d(entropy)`, where d(entropy)_c = -H_c (log H_c + entropy).
    func write(crossEntropy: Float, entropy: Float, to dz: UnsafeMutablePointer<Float>) {
        for c in 0..<classes { dz[c] = crossEntropy * probabilities[c] }
        dz[label] -= crossEntropy
        guard entropy != 0 else { return }
        let mean = self.entropy()
        for c in 0..<classes where probabilities[c] > 0 {
            dz[c] -= entropy * probabilities[c] * (logf(probabilities[c]) + mean)
        }
    }
}

private let ignored: UInt8 = 255
private let pixelsPerSum = 2048
