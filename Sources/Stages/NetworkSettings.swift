internal import Configuration
internal import Layers
internal import Networks

extension ModelSettings {
    /// The network of stage 1 for `classes` classes, the background included.
    func makeClassifier(classes: Int) -> BoxClassifier {
        let pooling = BackgroundAwarePooling(grid: grid, roi: roi, usesAttention: pooling == .bap)
        return BoxClassifier(trunk: vgg(fc6Dilation: 1), classes: classes, pooling: pooling)
    }

    /// The network of stage 3 for `classes` classes, the background included.
    func makeSegmenter(classes: Int) -> SegmentationNetwork {
        SegmentationNetwork(largeFOV: vgg(fc6Dilation: 12), classes: classes)
    }

    private func vgg(fc6Dilation: Int) -> VGG16.Options {
        VGG16.Options(
            width: width, fullyConnected: fc, fc6Dilation: fc6Dilation, dropout: Float(dropout),
            batchNorm: trunk == .vgg16BatchNorm ? batchNormOptions : nil)
    }

    private var batchNormOptions: BatchNormOptions {
        BatchNormOptions(mode: batchNorm.mode == .frozen ? .frozen : .batch, momentum: Float(batchNorm.momentum))
    }
}

extension LossSettings {
    /// The criterion these settings describe.
    func criterion(temperature: Double) -> SegmentationLoss {
        let kind: SegmentationLoss.Kind =
            switch self.kind {
            case .nal: .noiseAware
            case .crfLabels: .crfLabels
            case .retrievedLabels: .retrievalLabels
            case .baseline: .baseline
            case .entropy: .entropy
            case .bootstrapping: .bootstrapping
            }
        return SegmentationLoss(
            kind: kind, lambda: Float(lambda), gamma: Float(gamma), detachesSigma: detachSigma,
            temperature: Float(temperature))
    }
}
