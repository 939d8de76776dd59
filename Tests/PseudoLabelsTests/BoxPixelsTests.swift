import Annotations
import PseudoLabels
import Testing

@Suite("Pixels of a box")
struct BoxPixelsTests {
    /// Expected numbers by NumPy: `n = float32((W - 1) / 2); int((float32(x) / n - float32(1)) * n + n)`.
    @Test(
        "lose one where single precision says so",
        arguments: [
            (152, [16, 29, 34, 39, 78]), (500, [30, 33, 70, 73, 76, 79, 107, 110, 113, 116, 119]), (2, []),
            (333, [45, 49, 54, 59, 63, 68, 77, 82, 89, 98, 173, 187, 196]),
        ] as [(Int, [Int])])
    func roundTrip(extent: Int, losing: [Int]) {
        for x in 0...extent {
            let box = Box(left: Double(x), top: 0, right: Double(extent), bottom: Double(x))
            let pixels = BoxPixels(box, width: extent, height: extent)
            #expect(pixels.columns == (losing.contains(x) ? x - 1 : x)..<extent)
            #expect(pixels.rows.upperBound == pixels.columns.lowerBound)
        }
    }

    @Test("are truncated, kept in the image, and none where nothing is left")
    func odd() {
        let fractions = BoxPixels(Box(left: 12.5, top: 99.999, right: 499.5, bottom: 100.2), width: 500, height: 500)
        #expect(fractions.columns == 12..<499 && fractions.rows == 99..<100)
        let outside = BoxPixels(Box(left: -3, top: -0.5, right: 900, bottom: 1e30), width: 50, height: 7)
        #expect(outside.columns == 0..<50 && outside.rows == 0..<7)
        let turned = BoxPixels(Box(left: 9, top: 2, right: 4, bottom: 2), width: 50, height: 7)
        #expect(turned.columns.isEmpty && turned.rows.isEmpty)
        let single = BoxPixels(Box(left: 0, top: 0, right: 1, bottom: 1), width: 1, height: 1)
        #expect(single.columns == 0..<1 && single.rows == 0..<1)
    }
}
