import Kernels
import TensorCore
import TestSupport
import Testing

/// What a plan says it will book of the workspace, against what it books.
@Suite struct ConvolutionScratchTests {
    /// Beside the sizes of all tests some at which every way to share the work is taken.
    static let cases =
        ConvolutionCase.all
        + larger.flatMap { size in
            ConvolutionAlgorithm.allCases.filter { $0.fits(size.geometry) }.map { algorithm in
                var test = size
                test.algorithm = algorithm
                return test
            }
        }

    private static let larger = [
        // Sums for the whole batch, by each algorithm.
        ConvolutionCase(1, 14, 11, 80, to: 64, kernel: 3, padding: 1),
        ConvolutionCase(2, 15, 13, 80, to: 64, kernel: 3, stride: 2, padding: 1),
        ConvolutionCase(1, 21, 23, 160, to: 144, kernel: 3, dilation: 6, padding: 6),
        ConvolutionCase(3, 19, 17, 336, to: 320, kernel: 1),
        // Filters that are read once, by all threads.
        ConvolutionCase(1, 9, 11, 304, to: 320, kernel: 3, padding: 1),
        // Sums in slices of many pixels.
        ConvolutionCase(1, 121, 117, 16, to: 32, kernel: 3, padding: 1),
        ConvolutionCase(2, 91, 97, 64, to: 48, kernel: 1),
        // No image at all.
        ConvolutionCase(0, 6, 6, 16, to: 16, kernel: 3, padding: 1),
        ConvolutionCase(0, 6, 6, 16, to: 16, kernel: 1),
    ]

    @Test(arguments: cases, [1, 2]) func aPlanKnowsWhatItBooks(_ test: ConvolutionCase, threads: Int) {
        useOneBLASThread()
        let plan = ConvolutionPlan(test.geometry, test.image, by: test.algorithm)
        let pool = ThreadPool(threadCount: threads)
        for pass in ConvolutionPass.allCases {
            let (booked, told) = (bytesBooked(pass, by: plan, pool), 4 * plan.scratchFloats(pass, threads: threads))
            #expect(told...told + ConvolutionScratchTests.roundings ~= booked, "\(pass) books \(booked), told \(told)")
        }
    }

    /// The bias's gradient alone, without that of the filters, may need no more.
    @Test func theBiasNeedsNoMore() {
        let plan = ConvolutionPlan(
            ConvolutionGeometry(kernel: 1, inputChannels: 1, outputChannels: 64), Shape(1, 300, 300, 1))
        let booked = bytesBooked(.weightGradient, by: plan, ThreadPool(threadCount: 1), filters: false)
        #expect(1...4 * plan.scratchFloats(.weightGradient, threads: 1) + ConvolutionScratchTests.roundings ~= booked)
    }

    /// The workspace rounds each block up to 256 bytes: eight slices' two, and three more.
    private static let roundings = 19 * 256

    /// Bytes of the workspace that a pass takes at its most, beside what it is given.
    private func bytesBooked(
        _ pass: ConvolutionPass, by plan: ConvolutionPlan, _ pool: ThreadPool, filters: Bool = true
    ) -> Int {
        let workspace = Workspace(byteCount: 1 << 30)
        let (x, y) = (workspace.zeros(plan.input), workspace.zeros(plan.output))
        let (channels, count) = (plan.output.c, plan.geometry.filterCount * plan.output.c)
        let (weight, gradient) = (workspace.zeros(Shape(1, 1, 1, count)), workspace.zeros(Shape(1, 1, 1, count)))
        let bias = workspace.zeros(Shape(1, 1, 1, channels))
        let given = workspace.inUse
        switch pass {
        case .forward:
            plan.forward(
                x, ConvolutionFilters(weight.floats), ConvolutionEpilogue(bias: bias.floats), into: y,
                workspace: workspace, pool: pool)
        case .inputGradient, .weightGradient:
            let gradients =
                pass == .inputGradient
                ? ConvolutionGradients(input: x)
                : ConvolutionGradients(weight: filters ? gradient.floats : nil, bias: bias.floats)
            plan.backward(
                y, x, ConvolutionFilters(weight.floats), into: gradients, workspace: workspace, pool: pool)
        }
        withExtendedLifetime((x, y, weight, gradient, bias)) {}
        return workspace.highWater - given
    }
}
