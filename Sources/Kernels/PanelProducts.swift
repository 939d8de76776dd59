import CVectors

/// A matrix of floats as panels: sixteen columns side by side, `[panel][row][16]`.
///
/// A block of a product reads both factors from front to back, so they need no repacking.
package struct PanelMatrix {
    package let data: UnsafeMutablePointer<Float>
    /// Floats from panel to panel.
    package let stride: Int

    /// Columns of a panel.
    package static let width = 16

    /// The matrix whose panels start `stride` floats apart from `data` on.
    package init(data: UnsafeMutablePointer<Float>, stride: Int) { (self.data, self.stride) = (data, stride) }

    /// The matrix without its first `count` panels.
    func dropping(_ count: Int) -> PanelMatrix { PanelMatrix(data: data + count * stride, stride: stride) }

    /// The matrix without its first `count` rows.
    func droppingRows(_ count: Int) -> PanelMatrix {
        PanelMatrix(data: data + count * PanelMatrix.width, stride: stride)
    }

    fileprivate var panels: bana_panels { bana_panels(data: data, stride: stride) }
}

/// Panels that hold `channels` columns.
func panelCount(_ channels: Int) -> Int { (channels + PanelMatrix.width - 1) / PanelMatrix.width }

/// Products of panel matrices as this processor computes them fastest.
package struct PanelProducts: @unchecked Sendable {
    private let kernels: UnsafePointer<bana_micro_kernels>

    /// What this processor can run, the fastest first.
    package static let available: [PanelProducts] = (0...).lazy.map { bana_micro_kernels_at(Int32($0)) }
        .prefix { $0 != nil }.compactMap { $0 }.map { PanelProducts(kernels: $0) }

    /// Those of the chosen instructions; a processor with AMX has no faster ones for float32 than AVX-512's.
    package static let chosen = available.first { $0.processor == Instructions.chosen } ?? available[0]

    /// The instruction set they use.
    package var processor: String { String(cString: kernels.pointee.processor) }

    /// Floating-point operations a second that one thread can do at most: the best of some short runs.
    package func measuredPeak() -> Double {
        let turns = 200_000
        let seconds = (0..<20).map { _ in
            let start = ContinuousClock.now
            _ = kernels.pointee.multiply_add(turns)
            let duration = start.duration(to: .now).components
            return Double(duration.seconds) + Double(duration.attoseconds) * 1e-18
        }
        return Double(turns * kernels.pointee.operations_per_turn) / (seconds.min() ?? .infinity)
    }

    /// The number of rows `multiply` must be given to compute `rows` rows.
    package func padded(rows: Int) -> Int { (rows + rowsAtOnce - 1) / rowsAtOnce * rowsAtOnce }

    /// Rows that `multiply` computes at once.
    var rowsAtOnce: Int { kernels.pointee.rows }

    /// `c = a b`. `a` is `rows` x 16 `aPanels`, `b` has as many rows as `a` columns and, like `c`, 16 `cPanels` columns;
    /// `rows` is padded.
    package func multiply(
        _ a: PanelMatrix, _ b: PanelMatrix, into c: PanelMatrix, rows: Int, aPanels: Int, cPanels: Int
    ) {
        kernels.pointee.multiply(a.panels, b.panels, c.panels, rows, aPanels, cPanels)
    }

    /// `c = a^T b`, or `c += a^T b`, over `rows` rows of `a`, which has 16 `aPanels` columns, and of `b`, which has 16
    /// `cPanels`.
    package func multiplyTransposed(
        _ a: PanelMatrix, _ b: PanelMatrix, into c: PanelMatrix, rows: Int, aPanels: Int, cPanels: Int, accumulate: Bool
    ) {
        kernels.pointee.multiply_transposed(
            a.panels, b.panels, c.panels, rows, aPanels, cPanels, accumulate ? 1 : 0)
    }
}
