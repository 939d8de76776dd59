import Layers
package import Networks

extension ModelSettings {
    /// The network of stage 1 for `classes` classes, the background included.
    package func makeClassifier(classes: Int) -> BoxClassifier {
        let pooling = BackgroundAwarePooling(grid: grid, roi: roi, usesAttention: pooling == .bap)
        if let resNet { return BoxClassifier(trunk: resNet, classes: classes, pooling: pooling) }
        return BoxClassifier(trunk: vgg, classes: classes, pooling: pooling)
    }

    /// The network of stage 3 for `classes` classes, the background included.
    package func makeSegmenter(classes: Int) -> SegmentationNetwork {
        if let resNet { return SegmentationNetwork(aspp: resNet, classes: classes) }
        return SegmentationNetwork(largeFOV: vgg, classes: classes)
    }

    private var vgg: VGG16.Options {
        VGG16.Options(
            width: width, fullyConnected: fc, dropout: Float(dropout),
            batchNorm: trunk == .vgg16BatchNorm ? batchNormOptions : nil)
    }

    /// `nil` where the trunk is none.
    private var resNet: ResNet.Options? {
        trunk.residualBlocks.map {
            ResNet.Options(blocks: $0, width: width, stride: stride, batchNorm: batchNormOptions)
        }
    }

    private var batchNormOptions: BatchNormOptions {
        BatchNormOptions(mode: batchNorm.mode == .frozen ? .frozen : .batch, momentum: Float(batchNorm.momentum))
    }
}
