import FileAccess

/// Finds the simplex of the permutohedral lattice that holds each pixel's features.
///
/// Adams, Baek and Davis, "Fast High-Dimensional Filtering Using the Permutohedral Lattice" (2010), section 3. Every
/// operation is rounded to single precision in the order written, for the simplex depends on it.
struct Embedding {
    typealias Lanes = PixelFeatures.Lanes

    let features: PixelFeatures
    let packing: KeyPacking
    /// c_i = f_i * scale[i]; the blur then has deviation 1 in units of the features.
    private let scale: [Float]

    /// - Throws: `InputError` if the lattice is too fine for the size of the image.
    init(_ features: PixelFeatures) throws(InputError) {
        self.features = features
        let d = features.dimension
        let deviation = Float((2.0 / 3.0).squareRoot() * Double(d + 1))
        scale = (0..<d).map { Float(1 / Double(($0 + 1) * ($0 + 2)).squareRoot() * Double(deviation)) }
        packing = try KeyPacking(maxima: zip(features.maxima, scale).map { $0 * $1 })
    }

    /// Embeds a range of pixels.
    ///
    /// - Parameters:
    ///   - keys: gets the keys of each pixel's vertices: for each remainder, one a pixel.
    ///   - weights: gets their barycentric weights: for each triple of remainders, three a pixel.
    func embed(_ pixels: Range<Int>, keys: UnsafeMutablePointer<UInt64>, weights: UnsafeMutablePointer<Float>) {
        let axes = features.dimension + 1
        withUnsafeTemporaryAllocation(of: Lanes.self, capacity: 4 * axes + 2) { scratch in
            guard let e = scratch.baseAddress else { return }
            let (q, rank, difference) = (e + axes, e + 2 * axes, e + 3 * axes)
            let step = UnsafeMutableRawPointer(e + 4 * axes).assumingMemoryBound(to: UInt64.self)
            for first in stride(from: pixels.lowerBound, to: pixels.upperBound, by: Lanes.scalarCount) {
                let lanes = min(Lanes.scalarCount, pixels.upperBound - first)
                features.load(first, into: e)
                elevate(e)
                findSimplex(e, q: q, rank: rank)
                sort(e, by: rank, into: difference)
                storeWeights(difference, weights + 3 * first, lanes: lanes)
                for lane in 0..<lanes { storeKeys(lane, q, rank, step, keys + first + lane) }
            }
        }
    }

    /// Maps d features to d+1 coordinates that sum to 0, in place: e_j = sum_{i>=j} c_i - j c_{j-1}.
    @inline(__always) private func elevate(_ e: UnsafeMutablePointer<Lanes>) {
        var sum = Lanes.zero
        for j in stride(from: features.dimension, to: 0, by: -1) {
            let c = e[j - 1] * scale[j - 1]
            e[j] = sum - Float(j) * c
            sum += c
        }
        e[0] = sum
    }

    /// Finds the nearest point of remainder 0, (d+1) q, and the rank of each coordinate by descending difference from
    /// it; on return `e` holds those differences over d+1.
    @inline(__always) private func findSimplex(
        _ e: UnsafeMutablePointer<Lanes>, q: UnsafeMutablePointer<Lanes>, rank: UnsafeMutablePointer<Lanes>
    ) {
        let axes = features.dimension + 1
        let (up, down) = (Float(axes), 1 / Float(axes))
        var sum = Lanes.zero
        for i in 0..<axes {
            q[i] = rounded(e[i] * down)
            sum += q[i]
            rank[i] = .zero
        }
        for i in 0..<axes {
            let difference = e[i] - q[i] * up
            for j in i + 1..<axes {
                let smaller = Lanes.zero.replacing(with: 1, where: difference .< e[j] - q[j] * up)
                rank[i] += smaller
                rank[j] += 1 - smaller
            }
        }
        // Rounded coordinates that do not sum to 0: the first or last ranks move to the next point of remainder 0.
        for i in 0..<axes {
            rank[i] += sum
            let shift = Lanes.zero.replacing(with: 1, where: rank[i] .< 0).replacing(with: -1, where: rank[i] .>= up)
            rank[i] += shift * up
            q[i] += shift
            e[i] = (e[i] - q[i] * up) * down
        }
    }

    /// Puts each coordinate's difference at its rank.
    @inline(__always) private func sort(
        _ e: UnsafePointer<Lanes>, by rank: UnsafePointer<Lanes>, into difference: UnsafeMutablePointer<Lanes>
    ) {
        for k in 0...features.dimension {
            var sorted = Lanes.zero
            for i in 0...features.dimension { sorted.replace(with: e[i], where: rank[i] .== Float(k)) }
            difference[k] = sorted
        }
    }

    /// The weight of the vertex of remainder r is how far the differences of ranks d-r and d-r+1 are apart.
    @inline(__always) private func storeWeights(
        _ difference: UnsafePointer<Lanes>, _ weights: UnsafeMutablePointer<Float>, lanes: Int
    ) {
        let d = features.dimension
        for r in 0...d {
            let weight = r == 0 ? difference[d] + (1 - difference[0]) : difference[d - r] - difference[d + 1 - r]
            let target = weights + r / 3 * 3 * features.pixelCount + r % 3
            for lane in 0..<lanes { target[3 * lane] = weight[lane] }
        }
    }

    /// The vertex of remainder r is that of remainder r-1 with q lowered by 1 in the coordinate of rank d+1-r.
    @inline(__always) private func storeKeys(
        _ lane: Int, _ q: UnsafePointer<Lanes>, _ rank: UnsafePointer<Lanes>, _ step: UnsafeMutablePointer<UInt64>,
        _ keys: UnsafeMutablePointer<UInt64>
    ) {
        let (d, lanes) = (features.dimension, Lanes.scalarCount)
        let q = UnsafeRawPointer(q).assumingMemoryBound(to: Float.self) + lane
        let rank = UnsafeRawPointer(rank).assumingMemoryBound(to: Float.self) + lane
        var key = packing.origin
        for i in 0...d {
            step[Int(rank[i * lanes])] = packing.stride[i]
            key &+= packing.stride[i] &* UInt64(bitPattern: Int64(q[i * lanes]))
        }
        keys[0] = key
        for r in 1...d {
            key &-= step[d + 1 - r]
            keys[r * features.pixelCount] = key
        }
    }
}

/// The nearest integers, half to even, of numbers below 2^22: adding 1.5 * 2^23 leaves no bits for a fraction.
@inline(__always) private func rounded(_ x: SIMD8<Float>) -> SIMD8<Float> {
    (x + 0x1.8p23) - 0x1.8p23
}
