import TensorCore
import Testing

@Suite struct WorkspaceTests {
    private let workspace = Workspace(byteCount: 64 << 20)

    private func floats(_ count: Int) -> Tensor { workspace.tensor(Shape(1, 1, 1, count)) }

    /// Takes and returns blocks of many sizes in a scrambled but fixed order; the addresses it got.
    private func scrambledSequence() -> [UnsafeMutablePointer<Float>] {
        var (held, addresses): ([Tensor], [UnsafeMutablePointer<Float>]) = ([], [])
        var state: UInt64 = 1
        for _ in 0..<500 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            if held.count > 20 { held.remove(at: Int(state >> 33) % held.count) }
            let tensor = floats(1 + Int(state >> 40) % 5000)
            addresses.append(tensor.floats)
            held.append(tensor)
        }
        return addresses
    }

    @Test func theSameRequestsGetTheSameAddresses() {
        let first = scrambledSequence()
        let highWater = workspace.highWater
        #expect(scrambledSequence() == first)
        #expect(workspace.highWater == highWater)
    }

    /// What lasts is not in the way of what comes and goes.
    @Test func lastingTensorsLieElsewhere() {
        let first = scrambledSequence()
        let lasting = [workspace.lastingTensor(Shape(1, 1, 1, 3)), workspace.lastingTensor(Shape(1, 1, 2, 5000))]
        for (number, tensor) in lasting.enumerated() { tensor.fill(Float(number)) }
        #expect(scrambledSequence() == first)
        for (number, tensor) in lasting.enumerated() {
            #expect(tensor.elements.allSatisfy { $0 == Float(number) })
        }
    }

    @Test func blocksInUseDoNotOverlap() {
        let sizes = [1, 64, 65, 1000, 3, 0, 128]
        var tensors = sizes.map(floats)
        tensors.remove(at: 3)
        tensors += sizes.map(floats)
        for (number, tensor) in tensors.enumerated() { tensor.fill(Float(number)) }
        for (number, tensor) in tensors.enumerated() {
            #expect(tensor.elements.allSatisfy { $0 == Float(number) })
        }
    }

    @Test func freedNeighboursMerge() {
        var parts = (0..<3).map { _ in floats(1024) }
        let (start, wall) = (parts[0].floats, floats(1024))
        parts.removeAll()
        let whole = floats(3 * 1024)
        #expect(whole.floats == start)
        #expect(wall.floats == start + 3 * 1024)
    }

    @Test(arguments: [[0, 1, 2], [2, 1, 0], [1, 0, 2], [0, 2, 1]]) func anOrderOfReleasesLeavesOneRange(_ order: [Int])
    {
        var parts: [Tensor?] = (0..<3).map { _ in floats(256) }
        let start = parts[0]?.floats
        for index in order { parts[index] = nil }
        #expect(floats(4 << 20).floats == start)
    }

    @Test func theTightestFreeRangeIsTaken() {
        var (wide, narrow): (Tensor?, Tensor?) = (floats(4096), nil)
        let firstWall = floats(64)
        narrow = floats(1024)
        let secondWall = floats(64)
        let address = narrow?.floats
        (wide, narrow) = (nil, nil)
        #expect(floats(1000).floats == address)
        withExtendedLifetime((firstWall, secondWall, wide)) {}
    }

    @Test func theHighWaterMarkCountsWhatWasHeldAtOnce() {
        for _ in 0..<10 { _ = floats(1 << 20) }
        #expect(workspace.highWater == 4 << 20)
        let (first, second) = (floats(1 << 20), floats(1 << 20))
        #expect(workspace.highWater == 8 << 20)
        withExtendedLifetime((first, second)) {}
    }

    @Test func zerosAreZeroInReusedMemory() {
        floats(1000).fill(7)
        #expect(workspace.zeros(Shape(1, 1, 10, 100)).elements.allSatisfy { $0 == 0 })
    }

    @Test func buffersAreAligned() {
        let offset = floats(1)
        let buffer = workspace.buffer(of: Double.self, count: 3)
        #expect(UInt(bitPattern: buffer.data) % 64 == 0)
        #expect(buffer.count == 3)
        withExtendedLifetime(offset) {}
    }

    @Test func moreThanThereIsEndsTheProcess() async {
        await #expect(processExitsWith: .exitCode(70)) {
            _ = Workspace(byteCount: 64 << 20).tensor(Shape(1, 1, 1, 17 << 20))
        }
    }
}
