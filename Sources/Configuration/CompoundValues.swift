package import Annotations
package import DenseCRF

/// The classes of a data set or a network: `voc`, `coco`, or their names in the order of their numbers.
extension ClassList: ConfigurationValue {
    package static var form: String { "voc | coco | up to 254 names, none twice, background implied" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        switch (node.string, [String](node)) {
        case ("voc", _): self = .voc
        case ("coco", _): self = .coco
        case (_, let names?):
            guard let list = try? ClassList(names) else { return nil }
            self = list
        default: return nil
        }
    }

    package var text: String {
        if self == .voc { return "voc" }
        return self == .coco ? "coco" : Array(objects).text
    }
}

/// Two bounds, the lower one first.
extension ClosedRange<Double>: ConfigurationValue {
    package static var form: String { "[lowest, highest] in ascending order, each a number" }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let bounds = [Double](node), bounds.count == 2, bounds[0] <= bounds[1] else { return nil }
        self = bounds[0]...bounds[1]
    }

    package var text: String { [lowerBound, upperBound].text }
}

/// Weights and widths of the two kernels of the dense CRF.
extension CRFParameters: ConfigurationValue {
    package static var form: String {
        "[bi_weight, bi_xy_std, bi_rgb_std, gauss_weight, gauss_xy_std], weights of at least 0 and widths above 0"
    }

    /// The value that `node` spells; `nil` if it is not of this form.
    package init?(_ node: YAMLNode) {
        guard let numbers = [Double](node) else { return nil }
        self.init(numbers.map { Float($0) })
    }

    package var text: String { "[\(numbers.map(\.text).joined(separator: ", "))]" }
}

extension Float {
    /// The shortest decimal that reads back equal.
    fileprivate var text: String { (Double(description) ?? Double(self)).text }
}
