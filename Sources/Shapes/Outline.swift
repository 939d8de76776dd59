/// A point, or a direction, in an image or in an object's own frame.
typealias Point = SIMD2<Double>

/// The outline of a class of objects, in a frame where it about fills the square from (-1, -1) to (1, 1).
///
/// All are shapes whose boxes hold much background: holes, notches and corners.
enum Outline: Int, CaseIterable {
    case ring, cross, star, crescent, elbow, bar

    /// Signed distance to the outline, negative inside.
    func distance(_ p: Point) -> Double {
        switch self {
        case .ring: abs(length(p) - 0.69) - 0.31
        case .crescent: max(length(p) - 1, 0.7 - length(p - Point(0.55, 0)))
        case .cross: polygonDistance(p, Outline.crossCorners)
        case .star: polygonDistance(p, Outline.starCorners)
        case .elbow: polygonDistance(p, Outline.elbowCorners)
        case .bar: max(abs(p.x) - 1.15, abs(p.y) - 0.42)
        }
    }

    private static let crossCorners: [Point] = {
        let (a, b) = (0.38, 1.0)
        return [
            Point(-a, -b), Point(a, -b), Point(a, -a), Point(b, -a), Point(b, a), Point(a, a), Point(a, b),
            Point(-a, b), Point(-a, a), Point(-b, a), Point(-b, -a), Point(-a, -a),
        ]
    }()

    /// Five points on a circle of 1.08 and five between them on one of 0.56.
    private static let starCorners: [Point] = {
        let directions = [
            Point(0, -1), Point(0.5877853, -0.8090170), Point(0.9510565, -0.3090170), Point(0.9510565, 0.3090170),
            Point(0.5877853, 0.8090170), Point(0, 1), Point(-0.5877853, 0.8090170), Point(-0.9510565, 0.3090170),
            Point(-0.9510565, -0.3090170), Point(-0.5877853, -0.8090170),
        ]
        return directions.enumerated().map { $1 * ($0 % 2 == 0 ? 1.08 : 0.56) }
    }()

    private static let elbowCorners = [
        Point(-1, -1), Point(-0.25, -1), Point(-0.25, 0.25), Point(1, 0.25), Point(1, 1), Point(-1, 1),
    ]
}

func length<Vector: SIMD>(_ v: Vector) -> Double where Vector.Scalar == Double {
    (v * v).sum().squareRoot()
}

/// Signed distance to a closed polygon, negative inside (where a ray to the right crosses its edges oddly often).
private func polygonDistance(_ p: Point, _ corners: [Point]) -> Double {
    var nearest = Double.infinity
    var isInside = false
    var a = corners[corners.count - 1]
    for b in corners {
        let (edge, toPoint) = (b - a, p - a)
        let along = min(max((edge * toPoint).sum() / (edge * edge).sum(), 0), 1)
        nearest = min(nearest, length(toPoint - edge * along))
        if (a.y > p.y) != (b.y > p.y) && p.x < a.x + edge.x * toPoint.y / edge.y { isInside.toggle() }
        a = b
    }
    return isInside ? -nearest : nearest
}
