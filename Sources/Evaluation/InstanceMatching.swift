import Annotations

/// The kinds of objects that have figures of their own: all, small, medium, large, by area in pixels.
let areaRanges: [ClosedRange<Double>] = [0...1e10, 0...1024, 1024...9216, 9216...1e10]

/// The overlaps from which a result counts as found: 0.50, 0.55, ..., 0.95.
let overlapThresholds: [Double] = {
    let step = (0.95 - 0.5) / 9
    return (0..<9).map { index in 0.5 + Double(index) * step } + [0.95]
}()

/// Of one image and class, only so many of the best results count (pycocotools' `maxDets`).
let maxDetections = 100

/// A true object of an image.
struct TrueInstance {
    let id: Int
    let mask: RunLengths
    let area: Double
    let isCrowd: Bool
}

/// A result of an image.
struct FoundInstance {
    let mask: RunLengths
    let area: Double
    let score: Double
}

/// What became of a result: for each of `areaRanges` one bit for each of `overlapThresholds`.
struct Detection {
    let score: Double
    /// Number of better results of the image and class.
    let rank: Int
    /// Whether it found an object.
    var matches = SIMD4<UInt16>()
    /// Whether it counts neither as right nor as wrong: it found an object that need not be found, or is itself out of
    /// the range of areas.
    var ignored = SIMD4<UInt16>()
}

/// The detections of one class in one image.
struct ImageMatches {
    var detections: [Detection] = []
    /// Objects to be found, for each of `areaRanges`.
    var positives = SIMD4<Int>()
}

/// Matches results with objects, both of one image and class, as COCO's own evaluation does.
///
/// The best result chooses first, the object that it overlaps most. Crowds can be found any number of times; objects
/// that need not be found (crowds, those out of the range of areas) come into question after all others.
func match(_ found: [FoundInstance], with truth: [TrueInstance]) -> ImageMatches {
    let order = found.indices.sorted { (-found[$0].score, $0) < (-found[$1].score, $1) }.prefix(maxDetections)
    let overlaps = order.map { result in truth.map { overlap(found[result], $0) } }
    var matches = ImageMatches()
    matches.detections = order.enumerated().map { Detection(score: found[$1].score, rank: $0) }
    for (range, areas) in areaRanges.enumerated() {
        let isOptional = truth.map { $0.isCrowd || !areas.contains($0.area) }
        matches.positives[range] = isOptional.count { !$0 }
        let candidates = truth.indices.filter { !isOptional[$0] } + truth.indices.filter { isOptional[$0] }
        for (bit, threshold) in overlapThresholds.enumerated() {
            var isTaken = [Bool](repeating: false, count: truth.count)
            for (rank, result) in order.enumerated() {
                let object = best(
                    candidates.filter { !isTaken[$0] || truth[$0].isCrowd }, overlaps[rank], isOptional, threshold)
                if let object { isTaken[object] = true }
                // COCO's evaluation takes the number 0 for "nothing found".
                let isMatch = object.map { truth[$0].id != 0 } ?? false
                let isOutside = !isMatch && !areas.contains(found[result].area)
                let isIgnored = (object.map { isOptional[$0] } ?? false) || isOutside
                if isMatch { matches.detections[rank].matches[range] |= 1 << UInt16(bit) }
                if isIgnored { matches.detections[rank].ignored[range] |= 1 << UInt16(bit) }
            }
        }
    }
    return matches
}

/// The candidate of the largest overlap, of equals the last; an optional one only where no other reaches the threshold.
private func best(_ candidates: [Int], _ overlaps: [Double], _ isOptional: [Bool], _ threshold: Double) -> Int? {
    var (best, reached): (Int?, Double) = (nil, min(threshold, 1 - 1e-10))
    for candidate in candidates {
        if let best, !isOptional[best], isOptional[candidate] { break }
        if overlaps[candidate] >= reached { (best, reached) = (candidate, overlaps[candidate]) }
    }
    return best
}

/// Intersection over union; over the result's own area where the object is a crowd.
private func overlap(_ found: FoundInstance, _ truth: TrueInstance) -> Double {
    let both = found.mask.intersection(with: truth.mask)
    if both == 0 { return 0 }
    let own = found.mask.area
    return Double(both) / Double(truth.isCrowd ? own : own + truth.mask.area - both)
}
