internal import Annotations
internal import Configuration
internal import Datasets
internal import FileAccess

extension ClassChoice {
    /// The classes it names.
    ///
    /// - Throws: `InputError` if a name cannot be one.
    func list() throws -> ClassList {
        switch self {
        case .voc: .voc
        case .coco: .coco
        case .named(let names): try ClassList(names)
        }
    }
}

extension DataSettings {
    /// The images of one split.
    ///
    /// - Throws: `InputError` if its list cannot be read.
    func dataset(split: String) throws -> any Dataset {
        switch format {
        case .voc:
            let folders = Datasets.LabelFolders(crf: labels.crf, retrieval: labels.ret)
            return try VOCDataset(root: root, split: split, classes: classes.list(), labels: folders)
        case .coco:
            throw InputError(
                "data.format coco is not supported yet", at: "data.format", remedy: "convert to VOC layout")
        }
    }

    /// The endless stream of varied training images.
    func stream(_ contents: SampleContents, seed: Int) throws -> SampleStream {
        SampleStream(
            of: try dataset(split: split), contents, augmentation: augmentation, normalization: normalization,
            shuffle: shuffle, seed: UInt64(seed))
    }

    /// What the network's input is made of.
    var normalization: Datasets.Normalization { normalize == .caffe ? .caffe : .torchvision }

    private var augmentation: Augmentation {
        Augmentation(
            scale: scale.lowest...scale.highest, crop: crop, flip: flip,
            jitter: Augmentation.Jitter(
                brightness: jitter.brightness, contrast: jitter.contrast, saturation: jitter.saturation))
    }
}
