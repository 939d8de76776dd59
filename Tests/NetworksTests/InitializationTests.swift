import Networks
import TensorCore
import TestSupport
import Testing

@Suite struct InitializationTests {
    private func network(seed: UInt64, fromScratch: Bool) -> SegmentationNetwork {
        let options = VGG16.Options(width: 0.25, batchNorm: BatchNormOptions())
        let network = SegmentationNetwork(largeFOV: options, classes: 21)
        network.arena.initialize(seed: seed, fromScratch: fromScratch)
        return network
    }

    private func deviation(_ parameter: Parameter) -> Double {
        let values = parameter.fileOrder(parameter.value).map { Double($0) }
        return (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }

    @Test(arguments: [true, false]) func weightsHaveTheirDeviation(fromScratch: Bool) {
        let arena = network(seed: 13, fromScratch: fromScratch).arena
        for parameter in arena.parameters where parameter.role == .weight {
            let inputs = Double(parameter.fileShape.dropFirst().reduce(1, *))
            let isHe = fromScratch && parameter.name != "classifier.weight"
            let wanted = isHe ? (2 / inputs).squareRoot() : 0.01
            // The deviation of n normal numbers strays by 1 / sqrt(2 n) of itself.
            let stray = 5 / (2 * Double(parameter.count)).squareRoot()
            #expect(abs(deviation(parameter) / wanted - 1) < stray, "\(parameter.name)")
            let mean = parameter.fileOrder(parameter.value).reduce(0) { $0 + Double($1) } / Double(parameter.count)
            #expect(abs(mean) < 5 * wanted / Double(parameter.count).squareRoot(), "\(parameter.name)")
        }
    }

    @Test func everythingElseIsConstant() {
        let arena = network(seed: 13, fromScratch: true).arena
        func values(_ parameter: Parameter) -> Set<Float> { Set(parameter.fileOrder(parameter.value)) }
        for parameter in arena.parameters + arena.statistics where parameter.role != .weight {
            let isOne = parameter.role == .normWeight || parameter.name.hasSuffix("running_var")
            #expect(values(parameter) == [isOne ? 1 : 0], "\(parameter.name)")
        }
    }

    @Test func theSeedDecides() {
        func start(_ seed: UInt64) -> [Float] {
            let arena = network(seed: seed, fromScratch: true).arena
            return Array(UnsafeBufferPointer(start: arena.values, count: arena.count))
        }
        #expect(areBitwiseEqual(start(13), start(13)))
        #expect(!areBitwiseEqual(start(13), start(14)))
    }

    /// Two tensors of one shape must not be drawn alike.
    @Test func tensorsAreDrawnApart() throws {
        let arena = network(seed: 13, fromScratch: true).arena
        let pair = arena.parameters.filter { ["backbone.conv5_1.weight", "backbone.conv5_2.weight"].contains($0.name) }
        try #require(pair.count == 2)
        #expect(Set(pair[0].fileOrder(pair[0].value)).isDisjoint(with: pair[1].fileOrder(pair[1].value).prefix(100)))
    }
}
