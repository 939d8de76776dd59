import Annotations
import PseudoLabels
import Testing

@Suite struct InstanceMaskTests {
    @Test func aMaskIsTheClassInsideTheBox() {
        let (width, height) = (7, 5)
        let labels = (0..<width * height).map { UInt8($0 * $0 % 3) }
        for box in [
            Box(left: 0, top: 0, right: 7, bottom: 5), Box(left: 2, top: 1, right: 5, bottom: 4),
            Box(left: 6, top: 4, right: 7, bottom: 5), Box(left: 1.7, top: 0.2, right: 4.9, bottom: 3.1),
        ] {
            for classIndex in 1...2 {
                let labelled = LabelledBox(classIndex: classIndex, box: box)
                let mask = instanceMask(labelled, in: labels, width: width, height: height)
                let pixels = BoxPixels(box, width: width, height: height)
                let wanted = labels.indices.map { pixel in
                    pixels.columns.contains(pixel % width) && pixels.rows.contains(pixel / width)
                        && Int(labels[pixel]) == classIndex ? UInt8(1) : 0
                }
                #expect(mask.pixels == wanted)
            }
        }
    }
}
