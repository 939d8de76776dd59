import Configuration
import Layers

extension Planner {
    /// The tables that the config asks for, the papers' own in the config's order, then the sweeps.
    func tables() throws -> [PlannedTable] {
        // What most tables need comes first, and has the plain names: the runs as configured.
        _ = try labels(.validation, by: try classifier())
        if configuration.tables.contains(where: [4, 5].contains) {
            for v2 in [false, true] { _ = try cell([]) { try segmenter(.noiseAware, v2: v2) } }
        }
        return try configuration.tables.map(table) + sweepTables()
    }

    private func table(_ number: Int) throws -> PlannedTable {
        switch number {
        case 1: try labelTable()
        case 2: try instanceTable()
        case 3: try classAgnosticTable()
        case 4: try segmenterTable()
        case 5: try lossTable()
        default: try poolingTable()
        }
    }

    private func sweepTables() throws -> [PlannedTable] {
        let sweeps = configuration.sweeps
        var tables: [PlannedTable] = []
        if !sweeps.lambda.isEmpty {
            tables.append(
                try sweepTable("Weight of the unreliable pixels", "loss.lambda", sweeps.lambda) {
                    $0.loss.lambda = $1
                })
        }
        if !sweeps.gamma.isEmpty {
            tables.append(
                try sweepTable("Exponent of the confidence", "loss.gamma", sweeps.gamma) { $0.loss.gamma = $1 })
        }
        if !sweeps.temperature.isEmpty {
            tables.append(
                try sweepTable("Temperature", "model.temperature", sweeps.temperature) { $0.model.temperature = $1 })
        }
        if !sweeps.bgThreshold.isEmpty { tables.append(try thresholdTable(sweeps.bgThreshold)) }
        return tables
    }
}
