/// Channels of a pixel or of a vertex that are worked on together: two, four or eight.
protocol ChannelVector: SIMD, BitwiseCopyable where Scalar == Float {
    /// The largest lane.
    var largestLane: Float { get }
    /// The sum of the lanes, added in pairs.
    var pairwiseSum: Float { get }
}

extension SIMD2<Float>: ChannelVector {
    @inline(__always) var largestLane: Float { x > y ? x : y }
    @inline(__always) var pairwiseSum: Float { x + y }
}

extension SIMD4<Float>: ChannelVector {
    @inline(__always) var largestLane: Float {
        lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf).largestLane
    }
    @inline(__always) var pairwiseSum: Float { (lowHalf + highHalf).pairwiseSum }
}

extension SIMD8<Float>: ChannelVector {
    @inline(__always) var largestLane: Float {
        lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf).largestLane
    }
    @inline(__always) var pairwiseSum: Float { (lowHalf + highHalf).pairwiseSum }
}
