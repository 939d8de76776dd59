import TensorCore
import Testing

@Suite struct ParameterArenaTests {
    private let arena = ParameterArena()

    @Test func tensorsLieOneBehindTheOtherOnCacheLines() {
        let weight = arena.declare("a.weight", [3, 2, 1, 1], role: .weight, start: .heNormal)
        let bias = arena.declare("a.bias", [17], role: .bias, start: .constant(0))
        let last = arena.declare("b.weight", [1], role: .weight, start: .heNormal)
        #expect([weight.offset, bias.offset, last.offset] == [0, 16, 48])
        #expect(weight.range == 0..<6)
        #expect(arena.count == 64)
        #expect(arena.parameters.map(\.name) == ["a.weight", "a.bias", "b.weight"])
        #expect(bias.value == arena.values + 16)
        #expect(bias.gradient == arena.gradients + 16)
        #expect(UInt(bitPattern: bias.value) % 64 == 0)
    }

    @Test func declaringMoreDoesNotMoveWhatIsThere() {
        let first = arena.declare("a", [4], role: .bias, start: .constant(0))
        first.valueForWriting()[3] = 5
        for number in 0..<100 { _ = arena.declare("b\(number)", [100_000], role: .bias, start: .constant(0)) }
        #expect(arena.values[3] == 5)
        #expect(first.value == arena.values)
    }

    @Test func newTensorsAreZeroAndLearn() {
        let parameter = arena.declare("a", [2, 3, 3, 3], role: .weight, start: .heNormal)
        #expect((0..<parameter.count).allSatisfy { parameter.value[$0] == 0 && parameter.gradient[$0] == 0 })
        #expect(parameter.isTrainable && !parameter.isPretrained)
    }

    @Test func statisticsAreApartAndDoNotLearn() {
        let mean = arena.declareStatistics("bn.running_mean", channels: 5, start: 0)
        let variance = arena.declareStatistics("bn.running_var", channels: 5, start: 1)
        #expect(arena.parameters.isEmpty && arena.count == 0)
        #expect(arena.statistics.map(\.name) == ["bn.running_mean", "bn.running_var"])
        #expect(arena.statisticCount == 32)
        #expect(variance.value == arena.statisticValues + 16)
        #expect(!mean.isTrainable && mean.role == .statistics)
        #expect(variance.start == .constant(1))
    }

    /// Element (o, i, y, x) lies at ((o height + y) width + x) inputs + i.
    @Test func convolutionWeightsTurnBetweenFilesAndMemory() {
        let (outputs, inputs, height, width) = (3, 5, 2, 4)
        let parameter = arena.declare("w", [outputs, inputs, height, width], role: .weight, start: .heNormal)
        let file = (0..<parameter.count).map { Float($0) }
        parameter.setValue(fileOrder: file)
        for o in 0..<outputs {
            for i in 0..<inputs {
                for y in 0..<height {
                    for x in 0..<width {
                        let memory = parameter.value[((o * height + y) * width + x) * inputs + i]
                        #expect(memory == file[((o * inputs + i) * height + y) * width + x])
                    }
                }
            }
        }
        #expect(parameter.fileOrder(parameter.value) == file)
    }

    @Test(arguments: [[7], [4, 6]]) func otherTensorsAreLaidOutAlike(_ shape: [Int]) {
        let parameter = arena.declare("b", shape, role: .bias, start: .constant(0))
        let file = (0..<parameter.count).map { Float($0) }
        parameter.setValue(fileOrder: file)
        #expect(Array(UnsafeBufferPointer(start: parameter.value, count: parameter.count)) == file)
        #expect(parameter.fileOrder(parameter.value) == file)
    }

    @Test func zeroingGradientsLeavesValues() {
        let parameter = arena.declare("b", [3], role: .bias, start: .constant(0))
        for index in 0..<3 { (parameter.valueForWriting()[index], parameter.gradient[index]) = (1, 2) }
        arena.zeroGradients()
        #expect((0..<3).allSatisfy { parameter.value[$0] == 1 && parameter.gradient[$0] == 0 })
    }
}
