package import DenseCRF

/// How pseudo labels are made; the variants of the paper's tables.
package struct LabelOptions: Sendable {
    /// What the background channel of the unary is.
    package enum Background: String, CaseIterable, Sendable {
        /// u0: likeness to the background outside the boxes.
        case attention
        /// The background's own class activation map.
        case classMap = "cam"
    }

    /// What the other channels are.
    package enum Foreground: String, CaseIterable, Sendable {
        /// The class's activation map.
        case classMap = "cam"
        /// 1 - u0 inside the boxes of the class.
        case classAgnostic = "class_agnostic"
    }

    package var background: Background
    package var foreground: Foreground
    /// Part of its maximum below which u0 is 0.
    package var threshold: Float
    /// Cells along each side of the background grid.
    package var grid: Int
    package var crf: CRFParameters

    package init(
        background: Background = .attention, foreground: Foreground = .classMap, threshold: Float = 0.99,
        grid: Int = 1, crf: CRFParameters
    ) {
        (self.background, self.foreground, self.threshold) = (background, foreground, threshold)
        (self.grid, self.crf) = (grid, crf)
    }
}

/// The classifier's weights, one row a class it knows.
package struct ClassWeights {
    /// `classes x D`.
    let rows: UnsafePointer<Float>
    let channels: Int
    /// The row of each class of the data; `nil` for one the network never saw.
    let rowOfClass: [Int?]

    package init(rows: UnsafePointer<Float>, channels: Int, rowOfClass: [Int?]) {
        (self.rows, self.channels, self.rowOfClass) = (rows, channels, rowOfClass)
    }

    /// The weights of a class, or `nil` for one the network does not know.
    subscript(classIndex: Int) -> UnsafePointer<Float>? {
        rowOfClass[classIndex].map { rows + $0 * channels }
    }
}

/// The maps of an image, `height * width` bytes each.
package struct PseudoLabelMaps: Equatable, Sendable {
    package let width: Int
    package let height: Int
    /// u0: the background attention, or what stands in for it, 255 for 1.
    package let attention: [UInt8]
    /// The highest score of a class before the softmax, 255 for 1.
    package let classScore: [UInt8]
    /// Y_crf: the most likely class after the CRF.
    package let crf: [UInt8]
    /// Y_ret: the class whose prototype is nearest.
    package let retrieval: [UInt8]
    /// The probability of Y_crf's class after the CRF, 255 for 1.
    package let confidence: [UInt8]

    /// Y_crf where the two agree, 255 elsewhere.
    package var agreement: [UInt8] { zip(crf, retrieval).map { $0 == $1 ? $0 : 255 } }
}
