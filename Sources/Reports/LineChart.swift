import Foundation

/// A chart of one or several curves over the iterations, as SVG.
///
/// The vertical axis holds zero and all means; around each curve's mean lies a band from its lowest to its highest
/// value, cut off where it leaves the chart.
package struct LineChart: Sendable {
    package var title: String
    package var curves: [Curve]

    package init(_ title: String, _ curves: [Curve]) {
        self.title = title
        self.curves = curves.filter { !$0.points.isEmpty }
    }

    /// Size of the drawing, and of the part that holds the curves, in units of the drawing.
    package static let size = (width: 560.0, height: 230.0)
    package static let plot = (left: 52.0, top: 10.0, right: 548.0, bottom: 198.0)

    /// The chart with its title and, for several curves, their names; nothing if there is no point to show.
    package func html() -> HTML {
        guard let frame = Frame(curves) else { return .empty }
        let keys = curves.count > 1 ? curves.enumerated().map { key($1.name, $0) } : []
        return """
            <figure class="chart">
            <figcaption>\(title) by iteration\(keys)</figcaption>
            <svg viewBox="0 0 \(number(LineChart.size.width)) \(number(LineChart.size.height))" role="img" \
            aria-label="\(title)">
            \(frame.grid())
            \(curves.enumerated().map { frame.drawing(of: $1, color: $0) })
            </svg>
            </figure>
            """
    }

    private func key(_ name: String, _ color: Int) -> HTML {
        " <span class=\"key color\(color % LineChart.colorCount)\">\(name)</span>"
    }

    /// Number of colours the style sheet has for curves.
    static let colorCount = 6
}

/// The axes of a chart, and the way from values to places in the drawing.
private struct Frame {
    let x: Axis
    let y: Axis

    /// The axes that hold all curves; `nil` if they have no point.
    init?(_ curves: [Curve]) {
        let points = curves.flatMap(\.points)
        guard let first = points.map(\.x).min(), let last = points.map(\.x).max() else { return nil }
        let means = points.map(\.mean)
        let (low, high) = (min(0, means.min() ?? 0), max(0, means.max() ?? 0))
        x = Axis(from: first, to: last, count: 6, smallestStep: 1)
        y = Axis(from: low, to: high > low ? high : 1, count: 4, endsAtTicks: true)
    }

    /// Lines and numbers at the ticks.
    func grid() -> HTML {
        let plot = LineChart.plot
        let rows: [HTML] = y.ticks.map { tick in
            let height = number(top(tick))
            return """
                <line class="\(tick == 0 ? "zero" : "grid")" x1="\(number(plot.left))" x2="\(number(plot.right))" \
                y1="\(height)" y2="\(height)"/>\
                <text class="end" x="\(number(plot.left - 7))" y="\(height)" dy="0.32em">\(y.label(tick))</text>
                """
        }
        let columns: [HTML] = x.ticks.map { tick in
            """
            <text class="middle" x="\(number(left(tick)))" y="\(number(plot.bottom + 20))">\(x.label(tick))</text>
            """
        }
        return "\(rows)\n\(columns)"
    }

    /// A curve's band and line.
    func drawing(of curve: Curve, color: Int) -> HTML {
        let upper = curve.points.map { place($0.x, $0.high) }
        let lower = curve.points.reversed().map { place($0.x, $0.low) }
        let line = curve.points.map { place($0.x, $0.mean) }.joined(separator: " ")
        let band: HTML = "<polygon class=\"band\" points=\"\((upper + lower).joined(separator: " "))\"/>"
        // A single point would be no line: it is drawn twice, which the round ends of lines make a dot.
        let stroke: HTML = "<polyline points=\"\(curve.points.count > 1 ? line : line + " " + line)\"/>"
        return "<g class=\"color\(color % LineChart.colorCount)\">\(band)\(stroke)</g>"
    }

    private func place(_ x: Double, _ y: Double) -> String { "\(number(left(x))),\(number(top(y)))" }

    private func left(_ value: Double) -> Double {
        LineChart.plot.left + x.position(of: value) * (LineChart.plot.right - LineChart.plot.left)
    }

    private func top(_ value: Double) -> Double {
        let place = LineChart.plot.bottom - y.position(of: value) * (LineChart.plot.bottom - LineChart.plot.top)
        return min(max(place, LineChart.plot.top), LineChart.plot.bottom)
    }
}

/// A length in the drawing, to a tenth of a unit.
private func number(_ value: Double) -> String {
    precondition(value.isFinite, "\(value) is no place in a drawing")
    let text = String(format: "%.1f", value)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
