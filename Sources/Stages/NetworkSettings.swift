package import Configuration
internal import FileAccess
internal import Layers
package import Networks

extension ModelSettings {
    /// The network of stage 1 for `classes` classes, the background included.
    ///
    /// - Throws: `InputError` for a trunk that cannot be built yet.
    package func makeClassifier(classes: Int) throws -> BoxClassifier {
        let pooling = BackgroundAwarePooling(grid: grid, roi: roi, usesAttention: pooling == .bap)
        return BoxClassifier(trunk: try vgg(fc6Dilation: 1), classes: classes, pooling: pooling)
    }

    /// The network of stage 3 for `classes` classes, the background included.
    ///
    /// - Throws: `InputError` for a trunk that cannot be built yet.
    package func makeSegmenter(classes: Int) throws -> SegmentationNetwork {
        SegmentationNetwork(largeFOV: try vgg(fc6Dilation: 12), classes: classes)
    }

    private func vgg(fc6Dilation: Int) throws -> VGG16.Options {
        guard trunk.isVGG else {
            throw InputError(
                "\(trunk.rawValue) cannot be built yet", at: "model.trunk", remedy: "choose vgg16 or vgg16_bn")
        }
        return VGG16.Options(
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
