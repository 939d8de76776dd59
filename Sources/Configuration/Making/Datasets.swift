package import Datasets
package import FileAccess

extension DataSettings {
    /// The images of one split; of a set that has no lists, all.
    ///
    /// - Parameter report: is given each line or record that is wrong; by default the first line of a list is thrown, and
    ///   records are left out with a warning.
    /// - Throws: `InputError` if the list or the instances file cannot be read, and what `report` throws.
    package func dataset(
        split: String, report: ((Diagnostic) throws -> Void)? = nil
    ) throws -> any Dataset {
        guard let annotations, let images else {
            return try VOCDataset(
                root: root, split: split, classes: classes, crfLabels: labels.crf, retrievalLabels: labels.ret,
                report: report ?? { try $0.throwIfError() })
        }
        switch format {
        case .voc:
            return try VOCDataset(
                images: inRoot(images), annotations: inRoot(annotations), classes: classes, crfLabels: labels.crf,
                retrievalLabels: labels.ret)
        case .coco:
            return try COCODataset(
                annotations: inRoot(annotations), images: inRoot(images), classes: classes, crfLabels: labels.crf,
                retrievalLabels: labels.ret, report: report)
        }
    }

    /// Whether the set has lists of images, one for each split.
    package var hasSplits: Bool { annotations == nil }

    /// A path that the config gives, which may be one within the data set.
    package func inRoot(_ path: String) -> String { path.hasPrefix("/") ? path : join(root, path) }

    /// The endless stream of a data set's varied images.
    package func stream(of dataset: any Dataset, _ contents: SampleContents, seed: Int) -> SampleStream {
        let augmentation = Augmentation(
            scale: scale, crop: crop, flip: flip, brightness: jitter.brightness, contrast: jitter.contrast,
            saturation: jitter.saturation)
        return SampleStream(
            of: dataset, contents, augmentation: augmentation, normalization: normalize, shuffle: shuffle,
            seed: UInt64(seed))
    }
}
