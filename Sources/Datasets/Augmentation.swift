package import ImageFiles
package import TensorCore

/// The policy by which training images are varied: the ranges that a `Transform`'s parameters are drawn from.
package struct Augmentation: Equatable, Sendable {
    /// Factor by which images are scaled.
    package var scale: ClosedRange<Double>
    /// Side of the square window cut from the scaled image; 0 leaves images whole.
    package var crop: Int
    /// Probability of mirroring.
    package var flip: Double
    /// How far colours may change: factors lie within 1 plus or minus these, and not below 0.
    package var brightness: Double
    package var contrast: Double
    package var saturation: Double

    /// A policy; by default nothing is varied.
    package init(
        scale: ClosedRange<Double> = 1...1, crop: Int = 0, flip: Double = 0, brightness: Double = 0,
        contrast: Double = 0, saturation: Double = 0
    ) {
        precondition(scale.lowerBound > 0 && crop >= 0, "images scaled by \(scale) and cut to \(crop) pixels")
        (self.scale, self.crop, self.flip) = (scale, crop, flip)
        (self.brightness, self.contrast, self.saturation) = (brightness, contrast, saturation)
    }

    /// Draws how an image of the given size is varied.
    package func transform(width: Int, height: Int, numbers: RandomStream) -> Transform {
        func draw(_ parameter: Parameter) -> Double { numbers.uniform(parameter.rawValue) }
        func factor(_ amount: Double, _ parameter: Parameter) -> Float {
            let low = max(0, 1 - amount)
            return Float(low + (1 + amount - low) * draw(parameter))
        }
        let scale = scale.lowerBound + (scale.upperBound - scale.lowerBound) * draw(.scale)
        var geometry = Geometry(width: width, height: height, scale: scale)
        if crop > 0 { geometry.cut(side: crop, at: draw(.x), draw(.y)) }
        geometry.isFlipped = draw(.flip) < flip
        let jitter = ColorJitter(
            brightness: factor(brightness, .brightness), contrast: factor(contrast, .contrast),
            saturation: factor(saturation, .saturation))
        return Transform(geometry: geometry, jitter: jitter)
    }

    /// What is drawn; the number is the place in the random stream, so that one range does not move another's numbers.
    private enum Parameter: Int {
        case scale, x, y, flip, brightness, contrast, saturation
    }
}

/// A variation of a sample, with nothing random left in it.
package struct Transform: Equatable, Sendable {
    package var geometry: Geometry
    package var jitter: ColorJitter

    /// Moves the pixels, then changes their colours.
    package init(geometry: Geometry, jitter: ColorJitter = ColorJitter()) {
        (self.geometry, self.jitter) = (geometry, jitter)
    }

    /// The varied sample: padding counts as neither background nor labelled.
    package func apply(to sample: Sample) -> Sample {
        var varied = sample
        varied.image = geometry.apply(to: sample.image)
        jitter.apply(to: &varied.image)
        varied.boxes = geometry.apply(to: sample.boxes)
        varied.backgroundMask = sample.backgroundMask.map { geometry.apply(to: $0, padding: 0) }
        varied.crfLabels = sample.crfLabels.map { geometry.apply(to: $0, padding: 255) }
        varied.retrievalLabels = sample.retrievalLabels.map { geometry.apply(to: $0, padding: 255) }
        return varied
    }
}
