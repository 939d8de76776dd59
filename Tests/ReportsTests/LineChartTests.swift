import Foundation
import Reports
import Testing

@Suite struct LineChartTests {
    /// The corners of each polyline of a chart.
    private func lines(of chart: LineChart) throws -> [[(x: Double, y: Double)]] {
        try Elements(of: chart.html()).all("polyline").map { attributes in
            try #require(attributes["points"]).split(separator: " ").map { corner in
                let numbers = corner.split(separator: ",").compactMap { Double($0) }
                return (try #require(numbers.first), try #require(numbers.last))
            }
        }
    }

    @Test func valuesComeToTheirPlaces() throws {
        let corners = try lines(of: LineChart("loss", [Curve("loss", [(0, 0), (50, 1), (100, 2)])]))
        let plot = LineChart.plot
        let middle = (x: (plot.left + plot.right) / 2, y: (plot.top + plot.bottom) / 2)
        let expected = [(plot.left, plot.bottom), middle, (plot.right, plot.top)]
        #expect(corners.count == 1)
        #expect(corners[0].map(\.x) == expected.map(\.0))
        #expect(corners[0].map(\.y) == expected.map(\.1))
    }

    @Test func theAxisHoldsZeroAndAllMeans() throws {
        let curves = [Curve("a", [(1, 5), (2, 6)]), Curve("b", [(1, -3), (2, 1)])]
        let corners = try lines(of: LineChart("loss", curves)).flatMap { $0 }
        #expect(corners.allSatisfy { $0.y >= LineChart.plot.top && $0.y <= LineChart.plot.bottom })
        let zero = try Elements(of: LineChart("loss", curves).html()).all("line").filter { $0["class"] == "zero" }
        #expect(zero.count == 1)
    }

    @Test func theBandIsCutOffAtTheFrame() throws {
        let samples = (1...1000).map { (x: Double($0), y: $0 == 500 ? 1e6 : 1) }
        let html = LineChart("loss", [Curve("loss", samples, limit: 1000), Curve("thin", samples, limit: 2)]).html()
        for band in try Elements(of: html).all("polygon") {
            let heights = band["points", default: ""].split(separator: " ").compactMap { corner in
                corner.split(separator: ",").last.flatMap { Double($0) }
            }
            #expect(!heights.isEmpty)
            #expect(heights.allSatisfy { $0 >= LineChart.plot.top && $0 <= LineChart.plot.bottom })
        }
    }

    @Test func severalCurvesHaveNames() throws {
        let curves = [Curve("all & sundry", [(1, 1)]), Curve("empty", [(1, .nan)]), Curve("rest", [(1, 2)])]
        let keys = try Elements(of: LineChart("loss", curves).html()).all("span").map { $0["class"] }
        #expect(keys == ["key color0", "key color1"], "a curve without points is not shown")
        #expect(try Elements(of: LineChart("loss", [curves[0]]).html()).all("span").isEmpty)
    }

    @Test func withoutPointsThereIsNoChart() {
        #expect(LineChart("loss", []).html() == .empty)
        #expect(LineChart("loss", [Curve("loss", [(1, .nan)])]).html() == .empty)
    }

    @Test(
        arguments: [
            [(1, 0.5)], [(1, 0)], [(1, 0), (2, 0)], [(1, 1e300), (2, -1e300)], [(1, 1e-300), (2, 2e-300)],
            [(1, .nan), (2, .infinity), (3, 1)], [(5, -1), (6, -1)],
        ] as [[(Double, Double)]])
    func oddValuesGiveAChartThatCanBeDrawn(_ samples: [(Double, Double)]) throws {
        let html = LineChart("loss", [Curve("loss", samples.map { (x: $0.0, y: $0.1) })]).html()
        let text = html.markup.lowercased()
        #expect(!text.contains("nan") && !text.contains("inf"))
        #expect(try !Elements(of: html).all("polyline").isEmpty)
    }
}
