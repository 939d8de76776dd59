/// A mask as COCO stores it: lengths of runs of 0 and 1 in turn, beginning with 0, down the columns.
package struct RunLengths: Equatable, Sendable {
    package let width: Int
    package let height: Int
    /// Their sum is `width * height`.
    package let counts: [UInt32]

    /// A mask of these runs; `nil` if they do not cover `width * height` pixels.
    package init?(width: Int, height: Int, counts: [UInt32]) {
        guard width >= 0, height >= 0, counts.reduce(0, { $0 + Int($1) }) == width * height else { return nil }
        self.init(checked: counts, width: width, height: height)
    }

    init(checked counts: [UInt32], width: Int, height: Int) {
        (self.width, self.height, self.counts) = (width, height, counts)
    }

    /// The pixels of some columns and rows for which `isInside` holds; all others are 0.
    package init(
        width: Int, height: Int, columns: Range<Int>, rows: Range<Int>, where isInside: (_ pixel: Int) -> Bool
    ) {
        var runs = RunBuilder()
        var end = 0
        for column in columns.clamped(to: 0..<width) {
            for row in rows.clamped(to: 0..<height) where isInside(row * width + column) {
                let place = column * height + row
                runs.append(place - end, of: 0)
                runs.append(1, of: 1)
                end = place + 1
            }
        }
        runs.append(width * height - end, of: 0)
        self.init(checked: runs.counts, width: width, height: height)
    }

    /// Number of pixels that are 1.
    package var area: Int {
        var (area, isInside) = (0, false)
        for count in counts {
            if isInside { area += Int(count) }
            isInside.toggle()
        }
        return area
    }

    /// The mask in rows: `height * width` bytes, 0 or 1.
    package var pixels: [UInt8] {
        var pixels = [UInt8](repeating: 0, count: width * height)
        var place = 0
        for (index, count) in counts.enumerated() {
            if index % 2 == 1 {
                for pixel in place..<place + Int(count) { pixels[pixel % height * width + pixel / height] = 1 }
            }
            place += Int(count)
        }
        return pixels
    }

    /// Left, top, width and height of the smallest box around the pixels that are 1; zeros if there are none.
    package var bounds: (x: Int, y: Int, width: Int, height: Int) {
        var (left, top, right, bottom) = (width, height, 0, 0)
        var place = 0
        for (index, count) in counts.enumerated() {
            if index % 2 == 1, count > 0 {
                let last = place + Int(count) - 1
                (left, right) = (min(left, place / height), max(right, last / height + 1))
                // A run that goes on in the next column touches the lower and the upper edge.
                let isOneColumn = place / height == last / height
                (top, bottom) = (
                    min(top, isOneColumn ? place % height : 0), max(bottom, isOneColumn ? last % height + 1 : height)
                )
            }
            place += Int(count)
        }
        return right > left ? (left, top, right - left, bottom - top) : (0, 0, 0, 0)
    }

    /// The pixels that are 1 in any of these masks of one size; `nil` of none.
    package static func union(_ masks: [RunLengths]) -> RunLengths? {
        guard var result = masks.first else { return nil }
        for mask in masks.dropFirst() {
            var runs = RunBuilder()
            walk(result, mask) { count, a, b in runs.append(count, of: a || b ? 1 : 0) }
            result = RunLengths(checked: runs.counts, width: result.width, height: result.height)
        }
        return result
    }

    /// Number of pixels that are 1 in both masks, which must be of one size.
    package func intersection(with other: RunLengths) -> Int {
        var pixels = 0
        walk(self, other) { count, a, b in if a && b { pixels += count } }
        return pixels
    }
}

/// Calls `body` with each stretch over which neither mask changes.
private func walk(_ a: RunLengths, _ b: RunLengths, _ body: (_ count: Int, _ inA: Bool, _ inB: Bool) -> Void) {
    precondition((a.width, a.height) == (b.width, b.height), "\(a.width)x\(a.height) and \(b.width)x\(b.height)")
    a.counts.withUnsafeBufferPointer { a in
        b.counts.withUnsafeBufferPointer { b in
            var (indexA, indexB, restA, restB) = (-1, -1, 0, 0)
            while true {
                while restA == 0 {
                    indexA += 1
                    guard indexA < a.count else { return }
                    restA = Int(a[indexA])
                }
                while restB == 0 {
                    indexB += 1
                    guard indexB < b.count else { return }
                    restB = Int(b[indexB])
                }
                let count = min(restA, restB)
                body(count, indexA % 2 == 1, indexB % 2 == 1)
                (restA, restB) = (restA - count, restB - count)
            }
        }
    }
}

/// Joins stretches of equal value to runs.
struct RunBuilder {
    private(set) var counts: [UInt32] = [0]

    mutating func append(_ count: Int, of value: Int) {
        guard count > 0 else { return }
        if (counts.count - 1) % 2 == value {
            counts[counts.count - 1] += UInt32(count)
        } else {
            counts.append(UInt32(count))
        }
    }
}
