import Foundation

/// Mean-field inference straight from the method's text: dictionaries for lattices, Double for all values.
///
/// Only the embedding is in single precision, because a simplex is found by rounding.
struct NaiveCRF {
    let width: Int
    let height: Int
    /// Rows of red, green, blue.
    let image: [UInt8]
    /// `[bi_weight, bi_xy_std, bi_rgb_std, gauss_weight, gauss_xy_std]`
    let parameters: [Float]

    /// `channels` numbers a pixel, before and after.
    func marginals(_ probabilities: [Float], channels: Int, iterations: Int = 10) -> [Double] {
        let unary = probabilities.map { -logOfClipped(Double($0)) }
        let kernels = [
            (Double(parameters[3]), NaiveLattice(positions)), (Double(parameters[0]), NaiveLattice(appearances)),
        ]
        let norms = kernels.map { kernel in
            kernel.1.filter([Double](repeating: 1, count: width * height), channels: 1)
                .map { (1 / ($0 + 1e-20)).squareRoot() }
        }
        var q = softmax(unary.map { -$0 }, channels)
        for _ in 0..<iterations {
            var scores = unary.map { -$0 }
            for ((strength, lattice), norm) in zip(kernels, norms) {
                let filtered = lattice.filter(q.indices.map { q[$0] * norm[$0 / channels] }, channels: channels)
                for i in scores.indices { scores[i] += strength * norm[i / channels] * filtered[i] }
            }
            q = softmax(scores, channels)
        }
        return q
    }

    var positions: [[Float]] {
        (0..<width * height).map { [Float($0 % width) / parameters[4], Float($0 / width) / parameters[4]] }
    }

    var appearances: [[Float]] {
        (0..<width * height).map { pixel in
            let place = [Float(pixel % width) / parameters[1], Float(pixel / width) / parameters[1]]
            return place + (0..<3).map { Float(image[3 * pixel + $0]) / parameters[2] }
        }
    }

    private func logOfClipped(_ probability: Double) -> Double {
        log(min(max(probability, 1e-5), 1))
    }

    private func softmax(_ scores: [Double], _ channels: Int) -> [Double] {
        stride(from: 0, to: scores.count, by: channels).flatMap { first in
            let row = scores[first..<first + channels]
            let powers = row.map { exp($0 - (row.max() ?? 0)) }
            let sum = powers.reduce(0, +)
            return powers.map { $0 / sum }
        }
    }
}

/// The permutohedral lattice around some points, as a dictionary from all d+1 coordinates of a vertex to its number.
struct NaiveLattice {
    private(set) var vertices: [[Int]: Int] = [:]
    /// For each point its d+1 vertices and their weights.
    private var corners: [[(vertex: Int, weight: Double)]] = []
    private let dimension: Int

    init(_ points: [[Float]]) {
        dimension = points[0].count
        for point in points { insert(point) }
    }

    /// Splat, blur along axes 0 ... d, slice, of `channels` values a point.
    func filter(_ values: [Double], channels: Int) -> [Double] {
        var lattice = [[Double]](repeating: Array(repeating: 0, count: channels), count: vertices.count)
        for (point, corners) in corners.enumerated() {
            for (vertex, weight) in corners {
                for c in 0..<channels { lattice[vertex][c] += weight * values[point * channels + c] }
            }
        }
        for axis in 0...dimension { lattice = blurred(lattice, axis) }
        let gain = 1 / (1 + 1 / Double(1 << dimension))
        return corners.flatMap { corners in
            (0..<channels).map { c in corners.reduce(0) { $0 + $1.weight * lattice[$1.vertex][c] * gain } }
        }
    }

    private func blurred(_ lattice: [[Double]], _ axis: Int) -> [[Double]] {
        var result = lattice
        for (key, vertex) in vertices {
            for sign in [-1, 1] {
                var neighbour = key.map { $0 + sign }
                neighbour[axis] -= sign * (dimension + 1)
                guard let other = vertices[neighbour] else { continue }
                for c in result[vertex].indices { result[vertex][c] += lattice[other][c] / 2 }
            }
        }
        return result
    }

    private mutating func insert(_ point: [Float]) {
        let (d, axes) = (dimension, dimension + 1)
        let e = elevated(point)
        let steps = e.map { ($0 * (1 / Float(axes))).rounded(.toNearestOrEven) }
        var nearest = steps.map { $0 * Float(axes) }
        let difference = (0..<axes).map { e[$0] - nearest[$0] }
        var rank = (0..<axes).map { i in
            let before = difference.indices.count {
                difference[$0] > difference[i] || (difference[$0] == difference[i] && $0 < i)
            }
            return before + Int(steps.reduce(0, +))
        }
        for i in 0..<axes where rank[i] < 0 || rank[i] > d {
            let shift = rank[i] < 0 ? axes : -axes
            rank[i] += shift
            nearest[i] += Float(shift)
        }
        // Barycentric coordinates (Adams et al., section 3.3): differences of neighbouring ranks.
        var weights = [Float](repeating: 0, count: d + 2)
        for i in 0..<axes {
            let share = (e[i] - nearest[i]) * (1 / Float(axes))
            weights[d - rank[i]] += share
            weights[d + 1 - rank[i]] -= share
        }
        weights[0] += 1 + weights[d + 1]
        corners.append(
            (0...d).map { remainder in
                let key = (0..<axes).map { Int(nearest[$0]) + remainder - (rank[$0] > d - remainder ? axes : 0) }
                let vertex = vertices[key, default: vertices.count]
                vertices[key] = vertex
                return (vertex, Double(weights[remainder]))
            })
    }

    private func elevated(_ f: [Float]) -> [Float] {
        let deviation = Float((2.0 / 3).squareRoot() * Double(dimension + 1))
        let c = f.enumerated().map { i, f in
            f * Float(Double(deviation) / Double((i + 1) * (i + 2)).squareRoot())
        }
        return (0...dimension).map { j in
            let sum = c[j...].reversed().reduce(Float(0), +)
            return j == 0 ? sum : sum - Float(j) * c[j - 1]
        }
    }
}
