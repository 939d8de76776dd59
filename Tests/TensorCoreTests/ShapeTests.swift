import TensorCore
import TestSupport
import Testing

@Suite struct ShapeTests {
    @Test func countsElementsAndPixels() {
        let shape = Shape(2, 3, 5, 7)
        #expect(shape.count == 210)
        #expect(shape.pixels == 30)
        #expect(shape.image == Shape(1, 3, 5, 7))
        #expect(shape.with(channels: 4) == Shape(2, 3, 5, 4))
        #expect("\(shape)" == "2x3x5x7")
    }

    @Test func mayBeEmpty() {
        #expect(Shape(0, 3, 5, 7).count == 0)
        #expect(Shape(0, 3, 5, 7).image.count == 105)
    }

    @Test func refusesNegativeExtents() async {
        await #expect(processExitsWith: .failure) { _ = Shape(1, -1, 1, 1) }
    }

    @Test func tensorsShareMemoryAcrossViews() {
        let workspace = Workspace(byteCount: 1 << 20)
        let tensor = workspace.tensor(Shape(2, 2, 1, 3), (0..<12).map { Float($0) })
        let second = tensor.images(1..<2)
        #expect(second.elements == [6, 7, 8, 9, 10, 11])
        second.floats[0] = -1
        #expect(tensor.elements[6] == -1)
        #expect(tensor.images(2..<2).count == 0)
    }

    @Test func viewsKeepTheirMemoryAlive() {
        let workspace = Workspace(byteCount: 1 << 20)
        let view = workspace.tensor(Shape(2, 1, 1, 64), [Float](repeating: 3, count: 128)).images(1..<2)
        let other = workspace.zeros(Shape(1, 1, 1, 128))
        #expect(view.elements == [Float](repeating: 3, count: 64))
        #expect(other.elements.allSatisfy { $0 == 0 })
    }

    @Test func refusesImagesBeyondTheLast() async {
        await #expect(processExitsWith: .failure) {
            _ = Workspace(byteCount: 1 << 20).tensor(Shape(2, 1, 1, 4)).images(1..<3)
        }
    }
}
