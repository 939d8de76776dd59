/// An object of the shapes set: an outline somewhere in a picture, and its surface.
struct Thing {
    let outline: Outline
    let center: Point
    /// About half its extent in pixels.
    let radius: Double
    let surface: Surface
    /// The first axis of its own frame, in the picture: a unit vector.
    private let axis: Point
    /// How much longer it is along its axes.
    private let stretch: Point

    /// Draws how a thing at a place looks; its colours differ from those it lies on.
    init(_ outline: Outline, at center: Point, radius: Double, against ground: Surface, _ dice: inout Dice) {
        (self.outline, self.center, self.radius) = (outline, center, radius)
        axis = Thing.axis(outline, &dice)
        let longer = dice.number(0.82, 1.22)
        stretch = Point(longer, 1 / longer)
        surface = Thing.surface(outline, against: ground, &dice)
    }

    /// Where a point of the picture is in the outline's frame.
    func local(_ p: Point) -> Point {
        let offset = p - center
        let turned = Point(offset.x * axis.x + offset.y * axis.y, offset.y * axis.x - offset.x * axis.y)
        return turned / (stretch * radius)
    }

    /// Signed distance of a point of the picture to the outline, about in pixels; negative inside.
    func distance(to p: Point) -> Double {
        outline.distance(local(p)) * radius
    }

    /// Rows of the picture it may reach.
    var rows: Range<Int> { reach(center.y) }
    /// Columns of the picture it may reach.
    var columns: Range<Int> { reach(center.x) }

    private func reach(_ middle: Double) -> Range<Int> {
        let extent = 1.8 * radius
        return Int(middle - extent)..<Int(middle + extent)
    }

    /// Bars lie diagonally; elbows and crescents turn by quarters; all are tilted a little.
    private static func axis(_ outline: Outline, _ dice: inout Dice) -> Point {
        let tilt = dice.direction(within: 0.15)
        let quarter = dice.integer(below: 4)
        var axis = tilt
        if outline == .bar { axis = Point(tilt.x - tilt.y, tilt.x + tilt.y) * 0.5.squareRoot() }
        for _ in 0..<quarter { axis = Point(-axis.y, axis.x) }
        return axis
    }

    /// Every class has a pattern, and prefers hues that it shares with others; backgrounds have any hue.
    private static func surface(_ outline: Outline, against ground: Surface, _ dice: inout Dice) -> Surface {
        let (first, second) = colors(outline, against: ground.meanColor, &dice)
        let noise = NoiseField(cell: Point(repeating: dice.number(3, 8)), &dice)
        return Surface(
            pattern: patterns[outline.rawValue], first: first, second: second, period: dice.number(6, 11),
            direction: dice.direction(), noise: noise, roughness: dice.number(0.1, 0.45))
    }

    private static let patterns: [Pattern] = [.stripes, .checks, .dots, .circles, .zigzag, .bricks]

    /// Two colours that can be told from each other and from the ground.
    private static func colors(_ outline: Outline, against ground: Color, _ dice: inout Dice) -> (Color, Color) {
        let hue = Double(outline.rawValue) / Double(Outline.allCases.count)
        while true {
            let first = color(
                hue: hue + dice.number(-0.17, 0.17), saturation: dice.number(0.35, 0.95), value: dice.number(0.35, 1))
            let second = color(
                hue: hue + dice.number(-0.25, 0.25), saturation: dice.number(0.1, 0.8), value: dice.number(0.1, 1))
            let contrasts = [first - second, first - ground, second - ground, (first + second) / 2 - ground]
            if zip(contrasts, [0.35, 0.18, 0.18, 0.22]).allSatisfy({ length($0) > $1 }) { return (first, second) }
        }
    }
}
