import Annotations
import Datasets
import ImageFiles
import Testing

@Suite struct FilledBoxesTests {
    @Test func smallBoxesStayOnTop() {
        let map = filledBoxes(
            [box(1, 1, 2, 2, of: 3), box(0, 0, 4, 3, of: 1), box(0.5, 1.5, 3.9, 2.5, of: 2)], width: 5, height: 3)
        #expect(
            map.pixels == [
                1, 1, 1, 1, 0,
                2, 3, 2, 1, 0,
                1, 1, 1, 1, 0,
            ])
    }

    @Test func ofEqualBoxesTheLaterOneIsOnTop() {
        #expect(
            filledBoxes([box(0, 0, 2, 1, of: 5), box(1, 0, 3, 1, of: 4)], width: 3, height: 1).pixels == [5, 4, 4])
    }
}
