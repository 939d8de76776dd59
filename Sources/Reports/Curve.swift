/// A measured quantity over the iterations of a run, thinned to what a chart can show.
package struct Curve: Equatable, Sendable {
    /// What a stretch of the run measured.
    package struct Point: Equatable, Sendable {
        /// The mean of the stretch's iterations.
        package var x: Double
        package var mean: Double
        package var low: Double
        package var high: Double
    }

    package let name: String
    package let points: [Point]

    /// The curve through `samples`, ascending in x; those that are not finite are left out.
    ///
    /// - Parameter limit: the largest number of points; more samples are averaged in stretches of equal length.
    package init(_ name: String, _ samples: [(x: Double, y: Double)], limit: Int = 100) {
        precondition(limit > 0, "\(limit) points")
        self.name = name
        // Limits that leave room for sums.
        let samples = samples.filter { $0.x.isFinite && $0.y.isFinite }
            .map { (x: $0.x, y: min(max($0.y, -1e300), 1e300)) }
        guard samples.count > limit, let first = samples.first, let last = samples.last, last.x > first.x else {
            points = samples.map { Point(x: $0.x, mean: $0.y, low: $0.y, high: $0.y) }
            return
        }
        let length = (last.x - first.x) / Double(limit)
        let stretches = Dictionary(grouping: samples) { min(limit - 1, Int(($0.x - first.x) / length)) }
        points = stretches.sorted { $0.key < $1.key }.map { Point(averaging: $0.value) }
    }
}

extension Curve.Point {
    fileprivate init(averaging samples: [(x: Double, y: Double)]) {
        let count = Double(samples.count)
        let values = samples.map(\.y)
        x = samples.reduce(0) { $0 + $1.x } / count
        mean = values.reduce(0, +) / count
        low = values.min() ?? mean
        high = values.max() ?? mean
    }
}
