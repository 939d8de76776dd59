import FileAccess

/// COCO's twelve figures for a set of predicted masks. All are fractions of 1; -1 where no true object is of that kind.
package struct InstanceScores: Codable, Equatable, Sendable {
    /// Average precision over the overlaps 0.50, 0.55, ..., 0.95, over 101 recalls, over the classes.
    package var ap: Double
    package var ap50: Double
    package var ap75: Double
    /// Of objects below 32 x 32 pixels.
    package var apSmall: Double
    package var apMedium: Double
    /// Of objects above 96 x 96 pixels.
    package var apLarge: Double
    /// Average recall with the best result of each image and class only.
    package var ar1: Double
    package var ar10: Double
    package var ar100: Double
    package var arSmall: Double
    package var arMedium: Double
    package var arLarge: Double

    private enum CodingKeys: String, CodingKey {
        case ap = "AP", ap50 = "AP50", ap75 = "AP75", apSmall = "APs", apMedium = "APm", apLarge = "APl"
        case ar1 = "AR1", ar10 = "AR10", ar100 = "AR100", arSmall = "ARs", arMedium = "ARm", arLarge = "ARl"
    }

    /// The figures with their names, in COCO's order.
    package var figures: [(name: String, value: Double)] {
        [
            ("AP", ap), ("AP50", ap50), ("AP75", ap75), ("APs", apSmall), ("APm", apMedium), ("APl", apLarge),
            ("AR1", ar1), ("AR10", ar10), ("AR100", ar100), ("ARs", arSmall), ("ARm", arMedium), ("ARl", arLarge),
        ]
    }

    /// A table for the terminal, in percent; a dash where there is nothing to find.
    package var table: String {
        var table = TextTable(["masks", "%"], minimumWidths: [22, 6])
        table.appendRule()
        for (name, value) in figures { table.append([name, percent(value < 0 ? nil : value)]) }
        return table.description
    }
}
