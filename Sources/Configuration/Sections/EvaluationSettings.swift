package import DenseCRF

/// `evaluate:` how a trained segmenter is applied.
package struct EvaluationSettings: Section {
    package static let about = "how a trained segmenter is applied"
    package static let users: Set<Command>? = [.evaluateSegmenter, .predict]

    @Key("sizes whose scores are averaged", .someOf(.positive(upTo: 16))) package var scales = [1, 0.5, 0.75, 1.5]
    @Key("average over the mirrored image too") package var flip = true
    @Key("dense CRF") package var crf = CRFParameters.deepLab

    /// The defaults.
    package init() {}
}
