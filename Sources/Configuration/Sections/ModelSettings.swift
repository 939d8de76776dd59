package import Annotations
package import Networks

/// `model:` the network.
package struct ModelSettings: Section {
    package static let about = "the network"
    package static let users: Set<Command>? = .network

    @Key("convolutions that make the features") package var trunk = Trunk.vgg16
    @Key("channels as a multiple of the published ones", .positive(upTo: 16)) package var width = 1.0
    @Key("VGG: with fc6 and fc7; false ends at pool5") package var fc = true
    @Key("probability that a channel of fc6 or fc7 is dropped", .within(0...0.99)) package var dropout = 0.5
    @Key("file of start weights; null: from scratch") package var weights: String? = nil
    @Key("classes of the network; null: data.classes") package var classes: ClassList? = nil
    @Key("classifier: how a box's features are pooled") package var pooling = Pooling.bap
    @Key("classifier: cells along a side of the background grid", .within(1...1024)) package var grid = 4
    @Key("classifier: pooled vectors along a side of a box", .within(1...64)) package var roi = 2
    @Key("segmenter: v1 (VGG trunks) or v2 (ResNet trunks) of DeepLab") package var head = Head.largeFOV
    @Key("segmenter: multiplies the cosines before the softmax", .positive()) package var temperature = 20.0
    @Key("of activations and products; auto: bfloat16 on processors with AMX") package var precision = Precision.float32
    package var batchNorm = BatchNormSettings()
    @Key("ResNet: in the first 1x1 convolution, or in the 3x3") package var stride = ResNet.StridePlace.reduce

    /// The defaults.
    package init() {}
}

/// `model.batch_norm:` which statistics, for trunks that have batch norm.
package struct BatchNormSettings: Section {
    package static let about = "for trunks that have it"

    @Key("statistics of each rank, the start weights, or all ranks") package var mode = BatchStatistics.train
    @Key("weight of a new batch in the running statistics", .within(0...1)) package var momentum = 0.1

    /// The defaults.
    package init() {}
}
