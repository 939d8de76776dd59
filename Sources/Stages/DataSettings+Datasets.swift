import Annotations
import Configuration
import Datasets
import FileAccess

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
    /// The images of one split; of a set that has no lists, all.
    ///
    /// - Parameter report: is given an error for each line or record that has to be left out; by default the first is thrown.
    /// - Throws: `InputError` if the list or the instances file cannot be read, and what `report` throws.
    func dataset(
        split: String, report: (Diagnostic) throws -> Void = { try $0.throwIfError() }
    ) throws -> any Dataset {
        let folders = Datasets.LabelFolders(crf: labels.crf, retrieval: labels.ret)
        let classes = try classes.list()
        guard let annotations, let images else {
            return try VOCDataset(root: root, split: split, classes: classes, labels: folders, report: report)
        }
        switch format {
        case .voc:
            return try VOCDataset(
                images: inRoot(images), annotations: inRoot(annotations), classes: classes, labels: folders)
        case .coco:
            return try COCODataset(
                annotations: inRoot(annotations), images: inRoot(images), classes: classes, labels: folders,
                report: report)
        }
    }

    /// Whether the set has lists of images, one for each split.
    var hasSplits: Bool { annotations == nil }

    /// A path that the config gives, which may be one within the data set.
    func inRoot(_ path: String) -> String { path.hasPrefix("/") ? path : join(root, path) }

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
