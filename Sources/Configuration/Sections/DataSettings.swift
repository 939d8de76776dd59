package import Annotations
package import Datasets

/// `data:` which images, and what is done to them before the network sees them.
package struct DataSettings: Section {
    package static let about = "which images, and what is done to them"
    package static let users: Set<Command>? = Set(Command.allCases)

    @Key("layout on disk") package var format = DatasetFormat.voc
    @Key("folder of the data set") package var root = "data/VOCdevkit/VOC2012"
    @Key("list of images, in ImageSets/Segmentation, SegmentationAug or Main") package var split = "train_aug"
    @Key("list of images that evaluation uses") package var validation = "val"
    @Key("what the boxes hold") package var classes = ClassList.voc
    @Key("coco: the instances file, in root; voc: a folder of XML files, or of tar shards, instead of the layout")
    package var annotations: String? = nil
    @Key("coco: the folder of images, in root; voc: the folder that goes with annotations")
    package var images: String? = nil
    @Key("side of the random crop in pixels; 0: whole images", .within(0...16384)) package var crop = 321
    @Key("bounds of the random scale", .both(.positive(upTo: 16))) package var scale = 0.5...1.5
    @Key("probability of a horizontal flip", .within(0...1)) package var flip = 0.5
    package var jitter = JitterSettings()
    @Key("a new order every epoch; false: the list's order") package var shuffle = true
    @Key("colour values as the start weights want them") package var normalize = ColorNormalization.caffe
    package var labels = LabelFolderSettings()

    /// The defaults.
    package init() {}
}

/// `data.jitter:` random changes of colour; 0.5 multiplies by 0.5 to 1.5.
package struct JitterSettings: Section {
    package static let about = "random changes of colour; 0.5 multiplies by 0.5 to 1.5"

    @Key("how much brighter or darker", .within(0...1)) package var brightness = 0.5
    @Key("how much nearer to or farther from the mean grey", .within(0...1)) package var contrast = 0.5
    @Key("how much nearer to or farther from its grey", .within(0...1)) package var saturation = 0.5

    /// The defaults.
    package init() {}
}

/// `data.labels:` the folders of pseudo labels that the segmenter learns from.
package struct LabelFolderSettings: Section {
    package static let about = "folders of pseudo labels, for the segmenter"

    @Key("Y_crf of `bana label`") package var crf: String? = nil
    @Key("Y_ret of `bana label`") package var ret: String? = nil

    /// No folders.
    package init() {}
}
