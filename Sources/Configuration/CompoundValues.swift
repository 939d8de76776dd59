/// The foreground classes; the background is implied.
package enum ClassChoice: ConfigurationValue {
    case voc, coco
    /// In the order of their numbers, from 1.
    case named([String])

    package static var form: String { "voc | coco | up to 254 names, none twice, background implied" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        if let names = [String](node) {
            let isSound = !names.isEmpty && names.count <= 254 && Set(names).count == names.count
            guard isSound, !names.contains("background") else { return nil }
            self = .named(names)
        } else {
            switch node.string {
            case "voc": self = .voc
            case "coco": self = .coco
            default: return nil
            }
        }
    }

    package var text: String {
        switch self {
        case .voc: "voc"
        case .coco: "coco"
        case .named(let names): names.text
        }
    }
}

/// Bounds of the random scaling of an image.
package struct ScaleRange: ConfigurationValue {
    package var lowest: Double
    package var highest: Double

    /// The scales from `lowest` to `highest`.
    package init(_ lowest: Double, _ highest: Double) {
        (self.lowest, self.highest) = (lowest, highest)
    }

    package static var form: String { "[lowest, highest], two numbers above 0 and up to 16 in ascending order" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let bounds = [Double](node), bounds.count == 2 else { return nil }
        guard bounds[0] > 0, bounds[0] <= bounds[1], bounds[1] <= 16 else { return nil }
        self.init(bounds[0], bounds[1])
    }

    package var text: String { [lowest, highest].text }
}

/// Weights and widths of the two kernels of the dense CRF.
package struct CRFSettings: ConfigurationValue {
    /// Weight of the bilateral kernel.
    package var bilateralWeight: Double
    /// Its width in pixels.
    package var bilateralXY: Double
    /// Its width in 8-bit colour values.
    package var bilateralRGB: Double
    /// Weight of the spatial kernel.
    package var spatialWeight: Double
    /// Its width in pixels.
    package var spatialXY: Double

    /// The settings in the order of the config's five numbers.
    package init(
        _ bilateralWeight: Double, _ bilateralXY: Double, _ bilateralRGB: Double, _ spatialWeight: Double,
        _ spatialXY: Double
    ) {
        (self.bilateralWeight, self.bilateralXY, self.bilateralRGB) = (bilateralWeight, bilateralXY, bilateralRGB)
        (self.spatialWeight, self.spatialXY) = (spatialWeight, spatialXY)
    }

    package static var form: String {
        "[bi_weight, bi_xy_std, bi_rgb_std, gauss_weight, gauss_xy_std], weights of at least 0 and widths above 0"
    }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let numbers = [Double](node), numbers.count == 5 else { return nil }
        self.init(numbers[0], numbers[1], numbers[2], numbers[3], numbers[4])
        guard bilateralWeight >= 0, spatialWeight >= 0 else { return nil }
        guard bilateralXY > 0, bilateralRGB > 0, spatialXY > 0 else { return nil }
    }

    package var text: String { [bilateralWeight, bilateralXY, bilateralRGB, spatialWeight, spatialXY].text }
}
