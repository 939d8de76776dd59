import FileAccess

extension JSONReader {
    /// Reads an object's shape in any of COCO's forms: polygons, whose union is meant, or `{"size", "counts"}` with
    /// counts as numbers or as text.
    ///
    /// - Throws: `InputError` saying what is wrong with the shape, or that it is of another size than the image.
    package mutating func segmentation(width: Int, height: Int) throws -> RunLengths {
        if peek() == "[" { return try polygons(width: width, height: height) }
        let (size, counts) = try runLengths()
        guard size == [height, width] else {
            throw InputError("a mask of size \(size), but the image has [\(height), \(width)]")
        }
        let mask: RunLengths? =
            switch counts {
            case .numbers(let counts): RunLengths(width: width, height: height, counts: counts)
            case .text(let text): RunLengths(width: width, height: height, text: text)
            case nil: nil
            }
        guard let mask else { throw InputError("the mask's counts do not cover its \(width * height) pixels") }
        return mask
    }

    private mutating func polygons(width: Int, height: Int) throws -> RunLengths {
        var parts: [RunLengths] = []
        try array { reader in
            var points: [Double] = []
            try reader.array { points.append(try $0.number()) }
            guard let part = RunLengths(width: width, height: height, polygon: points) else {
                throw InputError("a polygon of \(points.count) numbers that is no outline of three points or more")
            }
            parts.append(part)
        }
        guard let union = RunLengths.union(parts) else { throw InputError("an object without outline") }
        return union
    }

    private enum Counts {
        case numbers([UInt32])
        case text(String)
    }

    private mutating func runLengths() throws -> (size: [Int], counts: Counts?) {
        var (size, counts): ([Int], Counts?) = ([], nil)
        try object { reader, key in
            switch key {
            case "size": try reader.array { size.append(try $0.integer()) }
            case "counts" where reader.peek() == "\"": counts = .text(try reader.string())
            case "counts":
                var numbers: [UInt32] = []
                try reader.array { reader in
                    guard let count = UInt32(exactly: try reader.integer()) else {
                        throw reader.problem("a count that is negative or too large")
                    }
                    numbers.append(count)
                }
                counts = .numbers(numbers)
            default: try reader.skip()
            }
        }
        return (size, counts)
    }
}
