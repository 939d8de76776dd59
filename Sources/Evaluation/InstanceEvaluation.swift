package import Annotations
import FileAccess
package import TensorCore

/// Scores predicted masks against the truth: COCO's mask AP and AR.
///
/// Equal to pycocotools' figures. The pool's threads share the images; the result does not depend on how many they are.
///
/// - Throws: `InputError` for a true mask that is broken, or missing.
package func scoreInstances(
    _ results: [InstanceResult], truth: COCOInstances, _ pool: ThreadPool
) throws -> InstanceScores {
    let resultsOfImage = Dictionary(grouping: results.indices) { results[$0].image }
    // As in pycocotools: where the first result has a box, the areas of all results are those of their boxes.
    let usesBoxes = results.first?.boxArea != nil
    let measure = { (result: InstanceResult) in
        (usesBoxes ? result.boxArea : nil) ?? Double(result.mask.area)
    }
    let order = truth.images.indices.sorted { truth.images[$0].id < truth.images[$1].id }
    let images = try pool.map(order) { index in
        let found = resultsOfImage[truth.images[index].id] ?? []
        return try matchImage(index, of: truth, found.map { results[$0] }, measure)
    }
    let classes = truth.categories.map { category in
        ClassMatches(images.compactMap { $0[category.id] })
    }
    return InstanceScores(classes)
}

/// The matches of every class of an image.
private func matchImage(
    _ index: Int, of truth: COCOInstances, _ results: [InstanceResult], _ measure: (InstanceResult) -> Double
) throws -> [Int: ImageMatches] {
    var (objects, found): ([Int: [TrueInstance]], [Int: [FoundInstance]]) = ([:], [:])
    for object in truth.objects(of: index) {
        guard let mask = try truth.mask(of: object, in: index) else {
            throw truth.located(
                InputError(
                    "no outline (\"segmentation\"), by which masks are scored",
                    remedy: "give a truth with the objects' shapes"), object)
        }
        objects[object.category, default: []].append(
            TrueInstance(
                id: object.id, mask: mask, area: object.area ?? Double(mask.area), isCrowd: object.isCrowd))
    }
    for result in results {
        found[result.category, default: []].append(
            FoundInstance(mask: result.mask, area: measure(result), score: result.score))
    }
    var matches: [Int: ImageMatches] = [:]
    for category in Set(objects.keys).union(found.keys) {
        matches[category] = match(found[category] ?? [], with: objects[category] ?? [])
    }
    return matches
}

/// The detections of one class in all images.
private struct ClassMatches {
    /// From the best score to the worst; of equals, in the order of the images' numbers.
    let detections: [Detection]
    let positives: SIMD4<Int>

    init(_ images: [ImageMatches]) {
        let all = images.flatMap(\.detections)
        let order = all.indices.sorted { (-all[$0].score, $0) < (-all[$1].score, $1) }
        detections = order.map { all[$0] }
        positives = images.reduce(SIMD4()) { $0 &+ $1.positives }
    }

    /// The share of a kind's objects that the best `limit` results of each image find, and the mean precision over 101
    /// recalls, at one overlap; `nil` if there are no such objects.
    func scores(range: Int, threshold: Int, max limit: Int = maxDetections) -> (recall: Double, precision: Double)? {
        guard positives[range] > 0 else { return nil }
        var (right, wrong) = (0, 0)
        var (recalls, precisions): ([Double], [Double]) = ([], [])
        for detection in detections where detection.rank < limit {
            let bit = UInt16(1) << UInt16(threshold)
            if detection.ignored[range] & bit == 0 {
                if detection.matches[range] & bit != 0 { right += 1 } else { wrong += 1 }
            }
            recalls.append(Double(right) / Double(positives[range]))
            precisions.append(Double(right) / (Double(right + wrong) + Double.ulpOfOne))
        }
        return (recalls.last ?? 0, meanPrecision(recalls, precisions))
    }
}

/// The mean, over the recalls 0, 0.01, ..., 1, of the best precision at that recall or above.
private func meanPrecision(_ recalls: [Double], _ precisions: [Double]) -> Double {
    var envelope = precisions
    for index in envelope.indices.dropLast().reversed() { envelope[index] = max(envelope[index], envelope[index + 1]) }
    var (place, sum) = (0, 0.0)
    for step in 0...100 {
        let wanted = step == 100 ? 1 : Double(step) * 0.01
        while place < recalls.count, recalls[place] < wanted { place += 1 }
        if place < recalls.count { sum += envelope[place] }
    }
    return sum / 101
}

extension InstanceScores {
    fileprivate init(_ classes: [ClassMatches]) {
        func precision(_ range: Int, _ thresholds: Range<Int> = 0..<10) -> Double {
            meanOrNone(
                classes.flatMap { matches in
                    thresholds.compactMap { matches.scores(range: range, threshold: $0)?.precision }
                })
        }
        func recall(_ range: Int, _ limit: Int = maxDetections) -> Double {
            meanOrNone(
                classes.flatMap { matches in
                    (0..<10).compactMap { matches.scores(range: range, threshold: $0, max: limit)?.recall }
                })
        }
        self.init(
            ap: precision(0), ap50: precision(0, 0..<1), ap75: precision(0, 5..<6), apSmall: precision(1),
            apMedium: precision(2), apLarge: precision(3), ar1: recall(0, 1), ar10: recall(0, 10), ar100: recall(0),
            arSmall: recall(1), arMedium: recall(2), arLarge: recall(3))
    }
}

private func meanOrNone(_ values: [Double]) -> Double {
    values.isEmpty ? -1 : values.reduce(0, +) / Double(values.count)
}

extension ThreadPool {
    /// `transform` of every element, in order.
    ///
    /// - Throws: the error of the first element that has one.
    fileprivate func map<Element, Result>(
        _ elements: [Element], _ transform: (Element) throws -> Result
    ) throws -> [Result] {
        var results = [Swift.Result<Result, any Error>?](repeating: nil, count: elements.count)
        results.withUnsafeMutableBufferPointer { results in
            // Each chunk writes the slots of its own elements.
            parallelFor(elements.count, by: 16) { range, _ in
                for index in range { results[index] = .init { try transform(elements[index]) } }
            }
        }
        return try results.compactMap { try $0?.get() }
    }
}
