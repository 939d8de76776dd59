/// Channels of a pixel or of a vertex that are worked on together: two, four or eight.
protocol ChannelVector: SIMD, BitwiseCopyable where Scalar == Float {
    /// The greatest lane.
    var greatest: Float { get }
    /// The sum of the lanes, added in pairs.
    var total: Float { get }
}

extension SIMD2<Float>: ChannelVector {
    @inline(__always) var greatest: Float { x > y ? x : y }
    @inline(__always) var total: Float { x + y }
}

extension SIMD4<Float>: ChannelVector {
    @inline(__always) var greatest: Float { lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf).greatest }
    @inline(__always) var total: Float { (lowHalf + highHalf).total }
}

extension SIMD8<Float>: ChannelVector {
    @inline(__always) var greatest: Float { lowHalf.replacing(with: highHalf, where: highHalf .> lowHalf).greatest }
    @inline(__always) var total: Float { (lowHalf + highHalf).total }
}
