/// A command that takes a config.
package enum Command: String, CaseIterable, Sendable {
    case trainClassifier = "train classifier"
    case label
    case trainSegmenter = "train segmenter"
    case evaluateSegmenter = "evaluate segmenter"
    case predict
    case checkData = "data check"
}

extension Set<Command> {
    /// The commands that learn.
    static var training: Set { [.trainClassifier, .trainSegmenter] }
    /// The commands with a network.
    static var network: Set { [.trainClassifier, .label, .trainSegmenter, .evaluateSegmenter, .predict] }
}
