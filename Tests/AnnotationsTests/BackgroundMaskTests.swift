import Annotations
import Testing

@Suite struct BackgroundMaskTests {
    private func box(_ left: Double, _ top: Double, _ right: Double, _ bottom: Double) -> LabelledBox {
        LabelledBox(classIndex: 1, box: Box(left: left, top: top, right: right, bottom: bottom))
    }

    @Test func coordinatesAreTruncatedAndTheFarEdgeIsOutside() {
        let mask = backgroundMask([box(1.9, 0.5, 3.9, 2)], width: 5, height: 3)
        #expect(
            mask == [
                1, 0, 0, 1, 1,
                1, 0, 0, 1, 1,
                1, 1, 1, 1, 1,
            ])
    }

    @Test func overlappingBoxesAndBoxesBeyondTheEdgeAreClipped() {
        let mask = backgroundMask([box(-3, 1, 2, 9), box(1, 2, 1e300, 2.5), box(2, 2, 4, 3)], width: 4, height: 4)
        #expect(
            mask == [
                1, 1, 1, 1,
                0, 0, 1, 1,
                0, 0, 0, 0,
                0, 0, 1, 1,
            ])
    }

    @Test func withoutBoxesAllIsBackground() {
        #expect(backgroundMask([], width: 1, height: 1) == [1])
        #expect(backgroundMask([box(0, 0, 1, 1)], width: 1, height: 1) == [0])
        #expect(backgroundMask([box(7, 7, 9, 9)], width: 2, height: 1) == [1, 1])
    }
}
