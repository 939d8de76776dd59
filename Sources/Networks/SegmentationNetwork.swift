package import Layers
package import TensorCore

/// The network of stage 3: DeepLab with a cosine classifier (paper section 3.3).
package final class SegmentationNetwork {
    package let arena: ParameterArena
    /// Trunk and head.
    package let trunk: Sequential
    package let classifier: CosineClassifier

    /// DeepLab v1, "LargeFOV": VGG-16 whose fc6 is dilated by 12. `classes` includes the background.
    package convenience init(largeFOV options: VGG16.Options, classes: Int) {
        let arena = ParameterArena()
        var options = options
        options.fc6Dilation = 12
        let (layers, channels) = options.makeTrunk(in: arena)
        self.init(arena, layers, channels: channels, classes: classes)
    }

    /// DeepLab v2: a ResNet and four dilated convolutions, "ASPP". `classes` includes the background.
    package convenience init(aspp options: ResNet.Options, classes: Int) {
        let arena = ParameterArena()
        let (layers, channels) = options.makeTrunk(in: arena)
        let outputs = scaled(256, by: options.width)
        let pyramid = LayerBuilder.pyramid(arena, inputs: channels, outputs: outputs)
        self.init(arena, layers + [pyramid], channels: outputs, classes: classes)
    }

    private init(_ arena: ParameterArena, _ layers: [any Layer], channels: Int, classes: Int) {
        self.arena = arena
        trunk = Sequential(layers)
        classifier = CosineClassifier(
            weight: LayerBuilder.classifier(arena, classes: classes, channels: channels))
    }

    /// Number of classes, the background included.
    package var classes: Int { classifier.weight.fileShape[0] }

    /// What `backward` needs of `forward`.
    package struct Saved {
        let trunk: Sequential.Saved
        let classifier: CosineClassifier.Saved
    }

    /// The cosines z, `N x h x w x classes`, of normalised images `N x H x W x 3`.
    package func forward(_ images: Tensor, _ context: StepContext) -> (cosines: Tensor, saved: Saved?) {
        let (features, trunkSaved) = trunk.features(images, context)
        let (cosines, classifierSaved) = classifier.forward(features, context)
        context.trace?(LayerTrace(layer: "classifier", .forward, "cosines", cosines))
        guard let trunkSaved, let classifierSaved else { return (cosines, nil) }
        return (cosines, Saved(trunk: trunkSaved, classifier: classifierSaved))
    }

    /// Adds to the parameters' gradients, given that of the cosines.
    package func backward(_ dCosines: Tensor, _ saved: Saved, _ context: StepContext) {
        let dFeatures = classifier.backward(dCosines, saved.classifier, context, needsInputGradient: trunk.isTrainable)
        context.trace?(LayerTrace(layer: "classifier", gradientOf: classifier.weight))
        if classifier.weight.isTrainable { context.gradientReady?([classifier.weight]) }
        guard let dFeatures else { return }
        trunk.backward(fromFeatures: dFeatures, saved.trunk, context)
    }
}
