package import Datasets
package import Layers
package import Networks
package import PseudoLabels
package import TensorCore

/// A value out of a few, spelled in YAML as its raw value.
package protocol Choice: ConfigurationValue, CaseIterable, RawRepresentable where RawValue == String {}

extension Choice {
    package static var form: String { allCases.map(\.rawValue).joined(separator: " | ") }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let text = node.string else { return nil }
        self.init(rawValue: text)
    }

    package var text: String { rawValue }
}

// MARK: - The domain's own choices

extension ColorNormalization: Choice {}
extension ResNet.StridePlace: Choice {}
extension Tensor.ElementType: Choice {}
extension LabelOptions.Background: Choice {}
extension LabelOptions.Foreground: Choice {}

extension SegmentationLoss.Kind: Choice {
    /// Also takes `wce`, the paper's name for the weighted cross-entropy of `nal`.
    package init?(_ node: YAMLNode) {
        guard let text = node.string else { return nil }
        self.init(rawValue: text == "wce" ? "nal" : text)
    }
}

// MARK: - Choices of the configuration

/// How a data set lies on disk.
package enum DatasetFormat: String, Choice { case voc, coco }

/// The convolutions that turn an image into features.
package enum Trunk: String, Choice {
    case vgg16
    case vgg16BatchNorm = "vgg16_bn"
    /// Bottleneck blocks, so many layers; the first two are for small machines.
    case resnet14, resnet26, resnet50, resnet101

    /// Whether it is one of the VGG networks, which end in fc6 and fc7.
    package var isVGG: Bool { residualBlocks == nil }

    /// Blocks in each of the four groups of a ResNet.
    package var residualBlocks: [Int]? {
        switch self {
        case .vgg16, .vgg16BatchNorm: nil
        case .resnet14: [1, 1, 1, 1]
        case .resnet26: [2, 2, 2, 2]
        case .resnet50: [3, 4, 6, 3]
        case .resnet101: [3, 4, 23, 3]
        }
    }

    /// Whether its convolutions are followed by batch norm.
    package var isBatchNormalized: Bool { self != .vgg16 }
}

/// How the classifier pools a box's features.
package enum Pooling: String, Choice {
    /// Weighted by how unlike the background a feature is.
    case bap
    /// Plain average.
    case gap
}

/// What follows the trunk of a segmenter.
package enum Head: String, Choice {
    /// DeepLab v1: fc6 dilated by 12.
    case largeFOV = "largefov"
    /// DeepLab v2: the sum of four dilated convolutions.
    case aspp
}

/// Which mean and variance batch norm divides out in training.
package enum BatchStatistics: String, Choice {
    /// Those of the images of each rank.
    case train
    /// The running statistics of the start weights, unchanged.
    case frozen
    /// Those of the batch over all ranks.
    case global
}

/// How the learning rate falls.
package enum ScheduleKind: String, Choice {
    /// By a factor at each milestone.
    case step
    /// As a power of the part of the run that is left.
    case poly
}

/// A kind of map that `bana label` writes; its raw value is the folder's name.
package enum LabelOutput: String, Choice {
    /// The background's score, from which the CRF starts: 255 is 1.
    case attention = "u0"
    /// The highest score of a class: 255 is 1.
    case classScore = "u_c"
    case crf = "Y_crf"
    case retrieval = "Y_ret"
    /// Where the two agree; 255 elsewhere.
    case agreement = "Y_and"
    /// How probable Y_crf's class is: 255 is certain.
    case confidence

    /// The kinds that hold classes.
    package static let labels: [LabelOutput] = [.crf, .retrieval, .agreement]

    /// Whether its values are classes; the others' are shades of grey.
    package var holdsClasses: Bool { LabelOutput.labels.contains(self) }
}
