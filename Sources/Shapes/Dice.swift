import TensorCore

/// Draws one random number after the other from a stream.
struct Dice {
    private let stream: RandomStream
    private var drawn = 0

    init(_ stream: RandomStream) {
        self.stream = stream
    }

    /// Uniform in [0, 1).
    mutating func number() -> Double {
        defer { drawn += 1 }
        return stream.uniform(drawn)
    }

    /// Uniform between two bounds.
    mutating func number(_ low: Double, _ high: Double) -> Double {
        low + (high - low) * number()
    }

    /// An integer in 0..<`bound`.
    mutating func integer(below bound: Int) -> Int {
        Int(number() * Double(bound))
    }

    /// True as often as `probability` says.
    mutating func chance(_ probability: Double) -> Bool {
        number() < probability
    }

    /// A unit vector, turned from the first axis by up to a quarter, or less if `limit` (half its tangent) is below 1.
    mutating func direction(within limit: Double = 1) -> Point {
        let t = number(-limit, limit)
        return Point(1 - t * t, 2 * t) / (1 + t * t)
    }
}
