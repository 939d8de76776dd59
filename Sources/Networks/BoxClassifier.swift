import Kernels
package import Layers
package import TensorCore

/// The network of stage 1: a trunk, background-aware pooling of the boxes, and a linear classifier (paper section 3.1).
package final class BoxClassifier {
    package let arena: ParameterArena
    package let trunk: Sequential
    package let pooling: BackgroundAwarePooling
    /// `[classes, D, 1, 1]`; class 0 is the background.
    package let weight: Parameter

    /// A network of `classes` classes, the background included.
    package init(trunk options: some TrunkOptions, classes: Int, pooling: BackgroundAwarePooling) {
        let arena = ParameterArena()
        let (layers, channels) = options.makeTrunk(in: arena)
        self.arena = arena
        self.pooling = pooling
        trunk = Sequential(layers)
        weight = LayerBuilder.classifier(arena, classes: classes, channels: channels)
        let geometry = ConvolutionGeometry(kernel: 1, inputChannels: channels, outputChannels: classes)
        classifier = Convolution(geometry, weight: weight, bias: nil, relu: false)
    }

    /// Number of classes, the background included.
    package var classes: Int { weight.fileShape[0] }

    private let classifier: Convolution

    /// What `backward` needs of `forward`.
    package struct Saved {
        let trunk: Sequential.Saved
        let pooling: BackgroundAwarePooling.Saved
        let classifier: Convolution.Saved
    }

    /// The trunk's features, `N x h x w x D`, of normalised images `N x H x W x 3`.
    package func features(_ images: Tensor, _ context: StepContext) -> Tensor {
        trunk.features(images, context.withoutSaving).features
    }

    /// Scores and classes of all pooled vectors of a batch: `rows x 1 x 1 x classes`.
    package func forward(
        _ images: Tensor, _ regions: [ImageRegions], _ context: StepContext
    ) -> (logits: Tensor, labels: [Int32], saved: Saved?) {
        let (features, trunkSaved) = trunk.features(images, context)
        let (pooled, poolingSaved) = pooling.forward(features, regions, context)
        context.trace?(LayerTrace(layer: "pooling", .forward, "pooled vectors", pooled.vectors))
        let (logits, classifierSaved) = classifier.forward(pooled.vectors, context)
        context.trace?(LayerTrace(layer: "classifier", .forward, "scores", logits))
        guard let trunkSaved, let poolingSaved, let classifierSaved else { return (logits, pooled.labels, nil) }
        return (
            logits, pooled.labels, Saved(trunk: trunkSaved, pooling: poolingSaved, classifier: classifierSaved)
        )
    }

    /// Adds to the parameters' gradients, given that of the scores.
    package func backward(_ dLogits: Tensor, _ saved: Saved, _ context: StepContext) {
        let dVectors = classifier.backward(dLogits, saved.classifier, context, needsInputGradient: trunk.isTrainable)
        context.trace?(LayerTrace(layer: "classifier", gradientOf: weight))
        if weight.isTrainable { context.gradientReady?([weight]) }
        guard let dVectors else { return }
        let dFeatures = pooling.backward(dVectors, saved.pooling, context)
        context.trace?(LayerTrace(layer: "pooling", .backward, "gradient of the features", dFeatures))
        trunk.backward(fromFeatures: dFeatures, saved.trunk, context)
    }
}
