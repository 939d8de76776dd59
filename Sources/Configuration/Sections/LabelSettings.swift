package import DenseCRF
package import PseudoLabels

/// `label:` how pseudo labels are made.
package struct LabelSettings: Section {
    package static let about = "how pseudo labels are made"
    package static let users: Set<Command>? = [.label]

    @Key("list of images; null: data.split") package var split: String? = nil
    @Key("score of the background") package var background = LabelOptions.Background.attention
    @Key("score of a class; unknown classes: always class_agnostic") package var foreground = LabelOptions.Foreground
        .classMap
    @Key("part of its maximum below which u0 is 0", .within(0...1)) package var bgThreshold = 0.99
    @Key("dense CRF") package var crf = CRFParameters.pseudoLabels
    @Key("maps to write; u0, u_c: the scores", .distinct)
    package var outputs = LabelOutput.labels

    /// The defaults.
    package init() {}
}

extension LabelSettings {
    /// How an image is labelled: with one background query an image (paper section 3.2).
    package var options: LabelOptions {
        LabelOptions(background: background, foreground: foreground, threshold: Float(bgThreshold), grid: 1, crf: crf)
    }
}
