import ImageFiles
import TensorCore

/// The endless stream of varied samples that a network learns from.
///
/// What is at a position depends on the data, the seed and the position alone.
package struct SampleStream: Sendable {
    package let dataset: any Dataset
    package let contents: SampleContents
    package let augmentation: Augmentation
    package let normalization: ColorNormalization
    private let sampler: Sampler
    private let seed: UInt64

    /// The stream of a data set's samples with the given contents, in random order if `shuffle`.
    package init(
        of dataset: any Dataset, _ contents: SampleContents, augmentation: Augmentation,
        normalization: ColorNormalization,
        shuffle: Bool, seed: UInt64
    ) {
        (self.dataset, self.contents) = (dataset, contents)
        (self.augmentation, self.normalization) = (augmentation, normalization)
        sampler = Sampler(count: dataset.count, seed: seed, shuffle: shuffle)
        self.seed = seed
    }

    /// Loads and varies the sample at a position.
    ///
    /// - Throws: `InputError` as `Dataset.load` does.
    package func sample(at position: Int) throws -> Sample {
        let sample = try dataset.load(at: sampler.index(at: position), contents)
        let numbers = RandomStream(seed: seed, purpose: .augmentation, position: UInt64(position))
        let (width, height) = (sample.image.width, sample.image.height)
        return augmentation.transform(width: width, height: height, numbers: numbers).apply(to: sample)
    }
}
