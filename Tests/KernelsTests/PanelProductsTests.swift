import Kernels
import TensorCore
import TestSupport
import Testing

/// Rows, and panels of each factor, around the blocks of any processor.
struct PanelSize: Sendable, CustomTestStringConvertible {
    let rows: Int, aPanels: Int, cPanels: Int
    var testDescription: String { "\(rows) rows, \(aPanels) panels, times \(cPanels) panels" }

    static let all = [
        PanelSize(rows: 1, aPanels: 1, cPanels: 1), PanelSize(rows: 6, aPanels: 1, cPanels: 2),
        PanelSize(rows: 14, aPanels: 2, cPanels: 3), PanelSize(rows: 29, aPanels: 3, cPanels: 1),
        PanelSize(rows: 300, aPanels: 2, cPanels: 2),
    ]
}

@Suite struct PanelProductsTests {
    private let width = PanelMatrix.width

    /// Every kind this processor can run, not just the one it would take.
    @Test(arguments: PanelSize.all) func productsAreSumsOfProducts(_ size: PanelSize) {
        let inner = size.aPanels * width
        for products in PanelProducts.available {
            let rows = products.padded(rows: size.rows)
            #expect(rows >= size.rows && rows < size.rows + 16)
            let (a, b) = (matrix("a", rows, size.aPanels), matrix("b", inner, size.cPanels))
            let wanted = matrix(rows, size.cPanels) { row, column in
                (0..<inner).reduce(0) { $0 + element(a, rows, row, $1) * element(b, inner, $1, column) }
            }
            let found = product(a, rows, b, inner, into: [Double](repeating: .nan, count: wanted.count), rows) {
                products.multiply($0, $1, into: $2, rows: rows, aPanels: size.aPanels, cPanels: size.cPanels)
            }
            #expect(relativeError(found, wanted) < 1e-6, "\(products.processor)")
        }
    }

    @Test(arguments: PanelSize.all, [false, true])
    func transposedProductsSumOverRows(_ size: PanelSize, accumulate: Bool) {
        let columns = size.aPanels * width
        let (a, b) = (matrix("a", size.rows, size.aPanels), matrix("b", size.rows, size.cPanels))
        let start = matrix("c", columns, size.cPanels)
        let wanted = matrix(columns, size.cPanels) { row, column in
            (0..<size.rows).reduce(accumulate ? element(start, columns, row, column) : 0) {
                $0 + element(a, size.rows, $1, row) * element(b, size.rows, $1, column)
            }
        }
        for products in PanelProducts.available {
            let found = product(a, size.rows, b, size.rows, into: start, columns) {
                products.multiplyTransposed(
                    $0, $1, into: $2, rows: size.rows, aPanels: size.aPanels, cPanels: size.cPanels,
                    accumulate: accumulate)
            }
            #expect(relativeError(found, wanted) < 1e-6, "\(products.processor)")
        }
    }

    @Test func thereIsAlwaysAKind() {
        #expect(PanelProducts.available.map(\.processor).last == "generic")
    }

    // MARK: - Matrices as panels

    private func matrix(_ name: String, _ rows: Int, _ panels: Int) -> [Double] {
        Formula.values(name, count: rows * panels * width).map { Double($0) }
    }

    private func matrix(_ rows: Int, _ panels: Int, _ value: (_ row: Int, _ column: Int) -> Double) -> [Double] {
        (0..<panels).flatMap { panel in
            (0..<rows).flatMap { row in (0..<width).map { value(row, panel * width + $0) } }
        }
    }

    private func element(_ matrix: [Double], _ rows: Int, _ row: Int, _ column: Int) -> Double {
        matrix[(column / width * rows + row) * width + column % width]
    }

    /// `c` after `multiply` has been given the three matrices.
    private func product(
        _ a: [Double], _ aRows: Int, _ b: [Double], _ bRows: Int, into c: [Double], _ cRows: Int,
        _ multiply: (PanelMatrix, PanelMatrix, PanelMatrix) -> Void
    ) -> [Float] {
        var (a, b, c) = (a.map { Float($0) }, b.map { Float($0) }, c.map { Float($0) })
        a.withUnsafeMutableBufferPointer { a in
            b.withUnsafeMutableBufferPointer { b in
                c.withUnsafeMutableBufferPointer { c in
                    guard let a = a.baseAddress, let b = b.baseAddress, let c = c.baseAddress else { return }
                    multiply(
                        PanelMatrix(data: a, stride: aRows * width), PanelMatrix(data: b, stride: bRows * width),
                        PanelMatrix(data: c, stride: cRows * width))
                }
            }
        }
        return c
    }
}
