/// Red, green and blue in 0...1.
typealias Color = SIMD3<Double>

/// The colour of a hue, which goes once around the circle from 0 to 1.
func color(hue: Double, saturation: Double, value: Double) -> Color {
    let sixth = (hue - hue.rounded(.down)) * 6
    let pure = Color(abs(sixth - 3) - 1, 2 - abs(sixth - 2), 2 - abs(sixth - 4)).clamped(
        lowerBound: Color(), upperBound: Color(repeating: 1))
    return value * (1 - saturation * (1 - pure))
}

/// How a thing looks: two colours that a pattern mixes, roughened by noise.
struct Surface {
    var pattern: Pattern
    var first: Color
    var second: Color
    /// Pixels of one period of the pattern.
    var period: Double
    /// Direction of the pattern: a unit vector.
    var direction: Point
    var noise: NoiseField
    /// Share of the noise in the mixture.
    var roughness: Double

    /// The colour at a point, in pixels from the surface's centre.
    func color(at p: Point) -> Color {
        let turned = Point(p.x * direction.x + p.y * direction.y, p.y * direction.x - p.x * direction.y)
        let rough = noise.value(at: turned)
        let mixture = pattern.value(at: turned / period) * (1 - roughness) + rough * roughness
        return first + (second - first) * mixture
    }

    /// The colour it has from afar.
    var meanColor: Color { (first + second) / 2 }
}

/// How two colours are laid out.
enum Pattern {
    case stripes, checks, dots, circles, zigzag, bricks, weave, plain

    /// Share of the second colour at a point, in periods.
    func value(at p: Point) -> Double {
        switch self {
        case .stripes: band(p.x)
        case .checks: 0.5 + 2 * (band(p.x) - 0.5) * (band(p.y) - 0.5)
        case .dots: step(0.36 - length(p - p.rounded(.down) - 0.5), over: 0.15)
        case .circles: band(length(p))
        case .zigzag: band(p.x + 0.8 * wave(p.y / 2))
        case .bricks: brick(p)
        case .weave: (wave(p.x) + wave(p.y)) / 2
        case .plain: 0.5
        }
    }

    private func brick(_ p: Point) -> Double {
        let row = p.y.rounded(.down)
        let shifted = Point(p.x / 1.8 + row * 0.5, p.y)
        let inBrick = shifted - shifted.rounded(.down)
        return step(min(inBrick.x * 1.8, inBrick.y) - 0.28, over: 0.15)
    }
}

/// Rises from 0 to 1 and falls again over each unit.
private func wave(_ x: Double) -> Double {
    1 - abs(2 * (x - x.rounded(.down)) - 1)
}

/// 0 in one half of each unit and 1 in the other, with soft edges.
private func band(_ x: Double) -> Double {
    step(wave(x) - 0.5, over: 0.4)
}

/// Rises from 0 to 1 around 0.
private func step(_ x: Double, over width: Double) -> Double {
    min(max(x / width + 0.5, 0), 1)
}

/// Smooth random values in 0...1 that repeat far away: two octaves of interpolated lattice values.
struct NoiseField {
    /// Pixels of a lattice cell.
    private let cell: Point
    private let lattice: [Double]
    private static let side = 32

    init(cell: Point, _ dice: inout Dice) {
        self.cell = cell
        lattice = (0..<NoiseField.side * NoiseField.side).map { _ in dice.number() }
    }

    /// The value at a point in pixels.
    func value(at p: Point) -> Double {
        let value = 0.62 * octave(p / cell) + 0.38 * octave(p / cell * 2.17 + 7.3)
        return min(max((value - 0.5) * 1.6 + 0.5, 0), 1)
    }

    private func octave(_ p: Point) -> Double {
        let corner = p.rounded(.down)
        var t = p - corner
        t = t * t * (3 - 2 * t)
        let (x, y) = (Int(corner.x), Int(corner.y))
        let top = node(x, y) + (node(x + 1, y) - node(x, y)) * t.x
        let bottom = node(x, y + 1) + (node(x + 1, y + 1) - node(x, y + 1)) * t.x
        return top + (bottom - top) * t.y
    }

    private func node(_ x: Int, _ y: Int) -> Double {
        let side = NoiseField.side
        return lattice[(y & (side - 1)) * side + (x & (side - 1))]
    }
}
