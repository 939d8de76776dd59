package import Layers

/// `loss:` what the segmenter minimises.
package struct LossSettings: Section {
    package static let about = "what the segmenter minimises"
    package static let users: Set<Command>? = [.trainSegmenter]

    @Key("noise-aware loss, or what it is compared with") package var kind = SegmentationLoss.Kind.noiseAware
    @Key("weight of the unreliable pixels", .atLeast(0)) package var lambda = 0.1
    @Key("nal: exponent of the confidence", .atLeast(0)) package var gamma = 7.0
    @Key("nal: no gradient through the confidence") package var detachSigma = false

    /// The defaults.
    package init() {}
}
