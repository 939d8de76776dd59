import DenseCRF
import Kernels
package import TensorCore

/// Stage 2 for one image: boxes and the classifier's features become label maps (paper section 3.2).
///
///     features -> background attention u0, class maps -> unary -> dense CRF -> Y_crf -> prototypes -> Y_ret
package struct PseudoLabeler {
    package let options: LabelOptions
    package let weights: ClassWeights
    private let workspace: Workspace
    private let pool: ThreadPool

    package init(_ options: LabelOptions, _ weights: ClassWeights, workspace: Workspace, pool: ThreadPool) {
        (self.options, self.weights, self.workspace, self.pool) = (options, weights, workspace, pool)
    }

    /// A part of the work, for who wants to know how long it takes.
    package enum Part: String, CaseIterable, Sendable { case attention, crf, retrieval }

    /// Labels an image whose trunk features are `1 x h x w x D`.
    ///
    /// - Parameter finished: called at the end of each part.
    /// - Throws: `InputError` where the CRF's kernels are too narrow for an image of this size.
    package func label(
        _ image: AnnotatedImage, features: Tensor, finished: (Part) -> Void = { _ in }
    ) throws -> PseudoLabelMaps {
        precondition(features.shape.c == weights.channels, "features \(features.shape), weights of \(weights.channels)")
        let upsampled = UpsampledFeatures(
            features, height: image.height, width: image.width, workspace: workspace, pool: pool)
        let channels = LabelChannels(image)
        let unary = Unary(
            features: upsampled, image: image, channels: channels, weights: weights, options: options,
            workspace: workspace)
        let scores = unary.scores()
        let (attention, classScore) = (scores.bytes { $0[0] }, scores.bytes { $0.dropFirst().max() ?? 0 })
        unary.applySoftmaxInBoxes(scores)
        finished(.attention)
        let marginals = try refine(scores, image, channels)
        let crf = argmaxOverChannels(marginals)
        finished(.crf)
        let retrieval = retrieve(crf, upsampled, image, channels, weights, workspace)
        finished(.retrieval)
        return PseudoLabelMaps(
            width: image.width, height: image.height, attention: attention, classScore: classScore,
            crf: channels.classes(of: crf),
            retrieval: channels.classes(of: retrieval), confidence: confidence(marginals, crf))
    }

    /// The channels' probabilities after the CRF; a class is possible only in its boxes.
    private func refine(_ unary: Tensor, _ image: AnnotatedImage, _ channels: LabelChannels) throws -> Tensor {
        let crf = try ImageCRF(
            image.pixels, width: image.width, height: image.height, parameters: options.crf, pool: pool,
            workspace: workspace)
        let marginals = crf.marginals(of: unary)
        zeroOutsideBoxes(marginals, image, channels)
        return marginals
    }
}

/// The values of each pixel's channel in bytes, 255 for 1.
private func confidence(_ marginals: Tensor, _ chosen: [Int]) -> [UInt8] {
    let (values, channels) = (marginals.floats, marginals.shape.c)
    return chosen.enumerated().map { byte(values[$0 * channels + $1]) }
}

/// 255 for 1 or more, 0 for 0 or less and for NaN.
private func byte(_ value: Float) -> UInt8 { value > 0 ? UInt8(min(value * 255, 255).rounded()) : 0 }

extension Tensor {
    /// A byte for each pixel, 255 where `value` of its channels is 1.
    fileprivate func bytes(_ value: (UnsafeBufferPointer<Float>) -> Float) -> [UInt8] {
        let (first, channels) = (floats, shape.c)
        return (0..<shape.pixels).map {
            byte(value(UnsafeBufferPointer(start: first + $0 * channels, count: channels)))
        }
    }
}

extension LabelChannels {
    /// Classes in place of channels.
    fileprivate func classes(of channels: [Int]) -> [UInt8] {
        let labels = classes.map { UInt8($0) }
        return channels.map { labels[$0] }
    }
}
