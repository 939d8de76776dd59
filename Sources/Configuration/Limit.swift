/// What a value must be besides being of its type.
package struct Limit<Value>: Sendable {
    /// To be read after the type: `from 0 to 1`.
    let text: String?
    let allows: @Sendable (Value) -> Bool

    /// Any value of the type.
    package static var none: Limit { Limit(text: nil) { _ in true } }
}

extension Limit where Value: ConfigurationValue & Comparable {
    /// Values in a closed range.
    package static func within(_ range: ClosedRange<Value>) -> Limit {
        Limit(text: "from \(range.lowerBound.text) to \(range.upperBound.text)") { range.contains($0) }
    }

    /// Values of `least` or more.
    package static func atLeast(_ least: Value) -> Limit {
        Limit(text: "of at least \(least.text)") { $0 >= least }
    }
}

extension Limit<Double> {
    /// Values above 0, and not above `most`.
    package static func positive(upTo most: Double = .infinity) -> Limit {
        Limit(text: most.isFinite ? "above 0 and up to \(most.text)" : "above 0") { $0 > 0 && $0 <= most }
    }
}

extension Limit<ClosedRange<Double>> {
    /// Both bounds within `limit`.
    package static func both(_ limit: Limit<Double>) -> Limit {
        Limit(text: limit.text) { limit.allows($0.lowerBound) && limit.allows($0.upperBound) }
    }
}

extension Limit<[Double]> {
    /// At least one value, each of them within `limit`.
    package static func someOf(_ limit: Limit<Double>) -> Limit {
        Limit(text: limit.text.map { $0 + ", at least one" }) { !$0.isEmpty && $0.allSatisfy(limit.allows) }
    }
}

extension Limit {
    /// Lists, empty ones too, of values within `limit`.
    package static func each<Element>(_ limit: Limit<Element>) -> Limit where Value == [Element] {
        Limit(text: limit.text) { $0.allSatisfy(limit.allows) }
    }
}

extension Limit<[Int]> {
    /// Not negative, each above the one before.
    package static var ascending: Limit {
        Limit(text: "of at least 0, in ascending order") { list in
            list.allSatisfy { $0 >= 0 } && zip(list, list.dropFirst()).allSatisfy(<)
        }
    }
}

extension Limit<[LabelOutput]> {
    /// At least one, none twice.
    package static var distinct: Limit {
        Limit(text: "(at least one, none twice)") { !$0.isEmpty && Set($0).count == $0.count }
    }
}
