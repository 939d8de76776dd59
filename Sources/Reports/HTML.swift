/// A piece of HTML, or of the SVG within it.
///
/// What a literal says is markup; what is interpolated into it is text, and escaped, unless it is itself HTML:
///
///     let row: HTML = "<td>\(name)</td>"
package struct HTML: Equatable, Sendable, ExpressibleByStringInterpolation {
    package let markup: String

    package init(stringLiteral markup: String) {
        self.markup = markup
    }

    package init(stringInterpolation: Interpolation) {
        markup = stringInterpolation.markup
    }

    package typealias StringInterpolation = Interpolation

    /// Nothing.
    package static let empty: HTML = ""
}

/// Joins markup and text. Numbers with a fraction have no place in it: who writes one must say how many digits it has.
package struct Interpolation: StringInterpolationProtocol {
    fileprivate var markup = ""

    package init(literalCapacity: Int, interpolationCount: Int) {
        markup.reserveCapacity(literalCapacity)
    }

    package mutating func appendLiteral(_ literal: String) {
        markup += literal
    }

    /// Adds a text, which may hold anything.
    package mutating func appendInterpolation(_ text: some StringProtocol) {
        for scalar in text.unicodeScalars { markup += escaped(scalar) }
    }

    /// Adds a number.
    package mutating func appendInterpolation(_ number: Int) {
        markup += "\(number)"
    }

    /// Adds markup.
    package mutating func appendInterpolation(_ html: HTML) {
        markup += html.markup
    }

    /// Adds pieces of markup, one a line.
    package mutating func appendInterpolation(_ pieces: [HTML]) {
        markup += pieces.map(\.markup).joined(separator: "\n")
    }
}

/// A character as text or in a quoted attribute; what HTML does not allow becomes the replacement character.
private func escaped(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "&": "&amp;"
    case "<": "&lt;"
    case ">": "&gt;"
    case "\"": "&quot;"
    case "'": "&#39;"
    case "\n", "\t": String(scalar)
    case _ where scalar.properties.generalCategory == .control: "\u{FFFD}"
    default: String(scalar)
    }
}
