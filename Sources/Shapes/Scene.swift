/// What is in a picture of the shapes set, before it is painted.
///
/// Only the four operations and square roots are used, here and where it is painted, so that a picture is the same to
/// the bit on every machine.
struct Scene {
    let width: Int
    let height: Int
    private(set) var background: Surface
    /// The things in it, the hindmost first.
    private(set) var things: [Thing] = []
    /// How much brighter it is at the right and at the bottom than at the left and at the top.
    private(set) var light: Point

    /// Draws a scene whose sides are about `size` pixels.
    init(size: Int, _ dice: inout Dice) {
        let side = Double(size)
        (width, height) = (Int(side * dice.number(0.75, 1.25)), Int(side * dice.number(0.75, 1.25)))
        background = Scene.ground(&dice)
        light = Point(dice.number(-0.25, 0.25), dice.number(-0.25, 0.25))
        let count = 1 + dice.integer(below: 4)
        let (common, isAlike) = (dice.integer(below: Outline.allCases.count), dice.chance(0.3))
        for _ in 0..<count {
            let outline = isAlike ? common : dice.integer(below: Outline.allCases.count)
            place(Outline.allCases[outline], among: count, &dice)
        }
    }

    /// Puts a thing where it hides little of the others; leaves it out if there is no room.
    private mutating func place(_ outline: Outline, among count: Int, _ dice: inout Dice) {
        let side = Double(min(width, height))
        for _ in 0..<Scene.trials {
            let radius = side / 2 * (count == 1 ? dice.number(0.45, 0.8) : dice.number(0.3, 0.6))
            let margin = 0.7 * radius
            let center = Point(
                dice.number(margin, Double(width) - margin), dice.number(margin, Double(height) - margin))
            let hasRoom = things.allSatisfy { length($0.center - center) > 0.72 * ($0.radius + radius) }
            guard hasRoom else { continue }
            things.append(Thing(outline, at: center, radius: radius, against: background, &dice))
            return
        }
    }

    private static let trials = 12

    /// Draws what lies behind all things.
    private static func ground(_ dice: inout Dice) -> Surface {
        let first = color(hue: dice.number(), saturation: dice.number(0.1, 0.6), value: dice.number(0.3, 0.85))
        let second = color(hue: dice.number(), saturation: dice.number(0.1, 0.6), value: dice.number(0.3, 0.85))
        let cell = dice.number(4, 20)
        let stretch = dice.chance(0.5) ? 1 : dice.number(2, 6)
        return Surface(
            pattern: dice.chance(0.25) ? .weave : .plain, first: first, second: first + (second - first) * 0.7,
            period: dice.number(6, 14), direction: dice.direction(),
            noise: NoiseField(cell: Point(cell * stretch, cell), &dice), roughness: dice.number(0.6, 1))
    }
}
