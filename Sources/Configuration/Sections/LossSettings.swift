package import Layers

/// `loss:` what the segmenter minimises.
package struct LossSettings: Section {
    package static let about = "what the segmenter minimises"
    package static let users: Set<Command>? = [.trainSegmenter]

    @Key("noise-aware loss, or what it is compared with") package var kind = SegmentationLoss.Kind.noiseAware
    @Key("weight of the unreliable pixels", .atLeast(0)) package var lambda = 0.1
    @Key("nal: exponent of the confidence; higher trusts doubtful labels less", .atLeast(0)) package var gamma = 7.0
    @Key("nal: no gradient through the confidence") package var detachSigma = false

    /// The defaults.
    package init() {}
}

extension LossSettings {
    /// The criterion these settings describe.
    ///
    /// - Parameter temperature: T, which belongs to the network.
    package func criterion(temperature: Double) -> SegmentationLoss {
        SegmentationLoss(
            kind: kind, lambda: Float(lambda), gamma: Float(gamma), detachesSigma: detachSigma,
            temperature: Float(temperature))
    }
}
