import Layers
import TensorCore
import TestSupport
import Testing

@Suite struct ChannelDropoutTests {
    private let layer = ChannelDropout(probability: 0.25, number: 6)

    /// Which channels of which images were kept: `images x channels`.
    private func kept(
        _ layer: ChannelDropout, channels: Int, positions: [UInt64], seed: UInt64 = 13
    ) -> [[Bool]] {
        var context = makeContext(positions: positions)
        context.seed = seed
        let x = context.workspace.tensor(Shape(positions.count, 1, 1, channels))
        x.fill(1)
        let y = layer.forward(x, context).y.elements
        return positions.indices.map { image in (0..<channels).map { y[image * channels + $0] > 0 } }
    }

    @Test func wholeChannelsAreDroppedAndTheOthersScaled() {
        let x = Volume(Shape(3, 4, 5, 7), formula: "x")
        let dy = Volume(x.shape, formula: "dy")
        let run = LayerRun(layer, x, dy, makeContext(positions: [4, 5, 1 << 40]))
        let kept = kept(layer, channels: 7, positions: [4, 5, 1 << 40], seed: 0)
        func dropped(_ volume: Volume) -> [Double] {
            zip(volume.values, volume.positions).map { kept[$1.n][$1.c] ? $0 / 0.75 : 0 }
        }
        #expect(relativeError(run.y, dropped(x)) < 1e-6)
        #expect(relativeError(run.dx ?? [], dropped(dy)) < 1e-6)
    }

    /// What happens to a sample depends on the sample alone: not on its batch, nor on the rank that has it.
    @Test func aSamplesChannelsDependOnItsPositionOnly() {
        let together = kept(layer, channels: 64, positions: [7, 8, 9])
        #expect(kept(layer, channels: 64, positions: [9, 7]) == [together[2], together[0]])
        #expect(kept(layer, channels: 64, positions: [8]) == [together[1]])
        #expect(together[0] != together[1])
    }

    @Test func layersAndSeedsDiffer() {
        let own = kept(layer, channels: 64, positions: [7])
        #expect(kept(ChannelDropout(probability: 0.25, number: 7), channels: 64, positions: [7]) != own)
        #expect(kept(layer, channels: 64, positions: [7], seed: 14) != own)
    }

    @Test(arguments: [Float(0.1), 0.5, 0.9]) func asManyAreDroppedAsTheProbabilitySays(_ probability: Float) {
        let layer = ChannelDropout(probability: probability, number: 6)
        let kept = kept(layer, channels: 1000, positions: (0..<20).map { UInt64($0) })
        let share = Double(kept.flatMap { $0 }.filter { !$0 }.count) / 20_000
        #expect(abs(share - Double(probability)) < 0.015)
    }

    @Test func nothingIsDroppedInInferenceOrAtProbabilityZero() {
        let x = Volume(Shape(1, 2, 2, 7), formula: "x")
        let inference = makeContext(.inference)
        let (y, saved) = layer.forward(x.tensor(in: inference.workspace), inference)
        #expect(y.elements == x.floats && saved == nil)
        let none = LayerRun(ChannelDropout(probability: 0, number: 6), x, x, makeContext(positions: [1]))
        #expect(none.y == x.floats && none.dx == x.floats)
    }

    @Test func gradientsAreSlopes() {
        #expect(
            slopeErrors(layer, Volume(Shape(2, 2, 3, 7), formula: "x")) { makeContext(positions: [3, 4]) }[0] < 1e-4)
    }

    @Test func unwantedGradientsAreNotComputed() {
        let x = Volume(Shape(1, 2, 2, 7), formula: "x")
        #expect(LayerRun(layer, x, x, makeContext(positions: [1]), needsInputGradient: false).dx == nil)
    }

    @Test func everyImageNeedsAPosition() async {
        await #expect(processExitsWith: .failure) {
            let context = makeContext(positions: [1])
            let x = context.workspace.zeros(Shape(2, 1, 1, 3))
            _ = ChannelDropout(probability: 0.5, number: 1).forward(x, context)
        }
    }
}
