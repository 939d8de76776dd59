import Datasets
import ImageFiles
import TensorCore
import Testing

@Suite struct AugmentationTests {
    private let published = Augmentation(
        scale: 0.5...1.5, crop: 321, flip: 0.5, brightness: 0.5, contrast: 0.5, saturation: 0.5)

    private func numbers(_ position: UInt64) -> RandomStream {
        RandomStream(seed: 13, purpose: .augmentation, position: position)
    }

    @Test func parametersComeFromFixedPlacesOfTheStream() {
        for position in 0..<50 as Range<UInt64> {
            let numbers = numbers(position)
            let transform = published.transform(width: 500, height: 375, numbers: numbers)
            let scale = 0.5 + numbers.uniform(0)
            #expect(transform.geometry.scale == scale)
            let width = (500 * scale).rounded(.toNearestOrEven)
            if width >= 321 { #expect(transform.geometry.x == Int(numbers.uniform(1) * (width - 321))) }
            #expect(transform.geometry.isFlipped == (numbers.uniform(3) < 0.5))
            #expect(transform.jitter.brightness == Float(0.5 + numbers.uniform(4)))
            #expect(transform.jitter.contrast == Float(0.5 + numbers.uniform(5)))
            #expect(transform.jitter.saturation == Float(0.5 + numbers.uniform(6)))
        }
    }

    @Test func turningOnePartOffLeavesTheOthers() {
        var still = published
        (still.brightness, still.contrast, still.saturation, still.flip) = (0, 0, 0, 0)
        let (all, some) = (
            published.transform(width: 400, height: 300, numbers: numbers(4)),
            still.transform(width: 400, height: 300, numbers: numbers(4))
        )
        #expect(some.geometry.x == all.geometry.x && some.geometry.scale == all.geometry.scale)
        #expect(some.jitter == ColorJitter())
        #expect(!some.geometry.isFlipped)
    }

    @Test func flipsAreAsFrequentAsAsked() {
        let flips = (0..<2000).count { position in
            published.transform(width: 10, height: 10, numbers: numbers(UInt64(position))).geometry.isFlipped
        }
        #expect((900...1100).contains(flips))
        let always = Augmentation(flip: 1)
        #expect((0..<100).allSatisfy { always.transform(width: 1, height: 1, numbers: numbers($0)).geometry.isFlipped })
    }

    @Test func factorsAreNotBelowZero() {
        let wild = Augmentation(brightness: 3, contrast: 0, saturation: 0)
        let factors = (0..<200).map { wild.transform(width: 1, height: 1, numbers: numbers($0)).jitter.brightness }
        #expect(factors.allSatisfy { (0...4).contains($0) })
        #expect((factors.max() ?? 0) > 3.8)
    }

    @Test func nothingIsVariedUnlessAsked() {
        var sample = Sample(id: "a", image: picture(width: 9, height: 4))
        sample.boxes = [box(0, 0, 9, 4)]
        sample.backgroundMask = labelMap(width: 9, height: 4, labels: 2)
        sample.crfLabels = labelMap(width: 9, height: 4, labels: 21)
        let same = Augmentation().transform(width: 9, height: 4, numbers: numbers(0)).apply(to: sample)
        #expect(same.image == sample.image)
        #expect(same.boxes == sample.boxes)
        #expect(same.backgroundMask == sample.backgroundMask)
        #expect(same.crfLabels == sample.crfLabels)
        #expect(same.retrievalLabels == nil)
    }

    @Test func everyMapHasItsPadding() {
        var sample = Sample(id: "a", image: picture(width: 1, height: 1))
        sample.backgroundMask = LabelMap(width: 1, height: 1, pixels: [1])
        sample.crfLabels = LabelMap(width: 1, height: 1, pixels: [3])
        sample.retrievalLabels = LabelMap(width: 1, height: 1, pixels: [4])
        let varied = Augmentation(crop: 3).transform(width: 1, height: 1, numbers: numbers(0)).apply(to: sample)
        #expect(varied.image.pixels.prefix(12) == [123, 117, 104, 123, 117, 104, 123, 117, 104, 123, 117, 104])
        #expect(Array(varied.image.pixels[12..<15]) == [0, 53, 106])
        #expect(varied.backgroundMask?.pixels == [0, 0, 0, 0, 1, 0, 0, 0, 0])
        #expect(varied.crfLabels?.pixels == [255, 255, 255, 255, 3, 255, 255, 255, 255])
        #expect(varied.retrievalLabels?.pixels == [255, 255, 255, 255, 4, 255, 255, 255, 255])
    }
}
