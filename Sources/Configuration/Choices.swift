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

/// How a data set lies on disk.
package enum DatasetFormat: String, Choice { case voc, coco }

/// What is subtracted from and divided out of an image's values before the network sees them.
package enum ColorNormalization: String, Choice {
    /// BGR, 0..255, minus the mean colour.
    case caffe
    /// RGB, 0..1, minus the mean, divided by the standard deviation.
    case torchvision
}

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

/// Where a bottleneck block of a ResNet has its stride.
package enum BottleneckStride: String, Choice {
    /// In the first 1x1 convolution.
    case caffe
    /// In the 3x3 convolution.
    case torchvision
}

/// What the segmenter minimises.
package enum LossKind: String, Choice {
    /// Noise-aware loss: unreliable pixels count as far as the classifier agrees with them.
    case nal
    /// Cross-entropy on the CRF's labels alone.
    case crfLabels = "ce_crf"
    /// Cross-entropy on the retrieved labels alone.
    case retrievedLabels = "ce_ret"
    /// Cross-entropy on the reliable pixels alone.
    case baseline
    /// Baseline, and low entropy on the unreliable pixels.
    case entropy
    /// Baseline, and bootstrapped labels on the unreliable pixels.
    case bootstrapping

    /// Also takes `wce`, the paper's name for the weighted cross-entropy of `nal`.
    package init?(_ node: YAMLNode) {
        guard let text = node.string else { return nil }
        self.init(rawValue: text == "wce" ? "nal" : text)
    }
}

/// How the learning rate falls.
package enum ScheduleKind: String, Choice {
    /// By a factor at each milestone.
    case step
    /// As a power of the part of the run that is left.
    case poly
}

/// What the background channel of a pseudo label's unary is.
package enum BackgroundScore: String, Choice {
    /// u0: likeness to the background outside the boxes.
    case attention
    /// The background's own class activation map.
    case cam
}

/// What the class channels of a pseudo label's unary are.
package enum ForegroundScore: String, Choice {
    /// The class's activation map.
    case cam
    /// 1 - u0 inside the boxes of the class.
    case classAgnostic = "class_agnostic"
}

/// A kind of map that `bana label` writes; its raw value is the folder's name.
package enum LabelOutput: String, Choice {
    /// The background's score, from which the CRF starts: 255 is 1.
    case attention = "u0"
    /// The greatest score of a class: 255 is 1.
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
