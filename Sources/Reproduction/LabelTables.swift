import Configuration
import PseudoLabels

extension Planner {
    /// Table 1: what background-aware pooling, background attention and retrieval do for the labels.
    func labelTable() throws -> PlannedTable {
        let bap = { try self.labels(.validation, by: self.classifier()) }
        let gap = { try self.classifier("gap") { $0.pooling = .gap } }
        let withoutAttention = { (classifier: PlannedRun) in
            try self.labels(.validation, by: classifier, "without-u0") { $0.background = .classMap }
        }
        let rows = [
            ("filled boxes", try cell(["boxes"], of: bap)),
            ("GAP, without u0", try cell(["Y_crf"]) { try withoutAttention(try gap()) }),
            ("GAP", try cell(["Y_crf"]) { try labels(.validation, by: try gap()) }),
            ("BAP, Y_crf without u0", try cell(["Y_crf"]) { try withoutAttention(try classifier()) }),
            ("BAP, Y_crf", try cell(["Y_crf"], of: bap)),
            ("BAP, Y_ret", try cell(["Y_ret"], of: bap)),
            ("BAP, Y_crf & Y_ret", try cell(["Y_and, open pixels wrong"], of: bap)),
            ("BAP, Y_crf & Y_ret, where they agree", try cell(["Y_and"], of: bap)),
        ]
        return PlannedTable(
            number: 1, title: "Pseudo labels", measure: "mIoU of the validation images, %", corner: "labels",
            columns: [""], rows: rows.map { PlannedTable.Row($0, [$1]) },
            notes: [
                "Y_crf & Y_ret leaves pixels open where the two differ: in one row these count as wrong, in the other they "
                    + "are not counted."
            ])
    }

    /// Table 3: what the labels lose when the classifier's maps are not used.
    func classAgnosticTable() throws -> PlannedTable {
        let rows = try [("BAP, Y_crf", "Y_crf"), ("BAP, Y_ret", "Y_ret")].map { name, figure in
            PlannedTable.Row(
                name,
                [
                    try cell([figure]) { try labels(.validation, by: try classifier()) },
                    try cell([figure]) {
                        try labels(.validation, by: try classifier(), "agnostic") { $0.foreground = .classAgnostic }
                    },
                ])
        }
        return PlannedTable(
            number: 3, title: "Class-agnostic pseudo labels", measure: "mIoU of the validation images, %",
            corner: "labels", columns: ["CAM", "1 - u0"], rows: rows)
    }

    /// Table 6: the grid of the background against the pooled vectors of a box.
    func poolingTable() throws -> PlannedTable {
        let (grids, rois) = (configuration.pooling.grids, configuration.pooling.rois)
        let rows = try grids.map { grid in
            PlannedTable.Row(
                "\(grid)",
                try rois.map { roi in
                    try cell(["Y_crf"]) {
                        try labels(
                            .validation, by: try classifier("grid\(grid)-roi\(roi)") { ($0.grid, $0.roi) = (grid, roi) }
                        )
                    }
                })
        }
        return PlannedTable(
            number: 6, title: "Grid size against ROI size", measure: "mIoU of the validation images' Y_crf, %",
            corner: "grid", columns: rois.map { "ROI \($0)" }, rows: rows)
    }

    /// Labels for a few thresholds of the background attention.
    func thresholdTable(_ thresholds: [Double]) throws -> PlannedTable {
        let rows = try thresholds.map { threshold in
            let run = {
                try self.labels(.validation, by: try self.classifier(), "threshold\(threshold.text)") {
                    $0.bgThreshold = threshold
                }
            }
            return PlannedTable.Row(threshold.text, try ["Y_crf", "Y_ret"].map { try cell([$0], of: run) })
        }
        return PlannedTable(
            number: nil, title: "Background threshold", measure: "mIoU of the validation images, %",
            corner: "label.bg_threshold", columns: ["Y_crf", "Y_ret"], rows: rows)
    }
}

extension Planner {
    /// Table 2: masks for the boxes of a COCO set, by the classifier that learned from the other set.
    func instanceTable() throws -> PlannedTable {
        let figures = [
            ("AP", "AP"), ("AP50", "AP50"), ("AP75", "AP75"), ("AP_S", "APs"), ("AP_M", "APm"), ("AP_L", "APl"),
        ]
        let rows = try figures.map { name, figure in
            PlannedTable.Row(
                name, try ["Y_crf", "Y_ret"].map { labels in try cell(["\(labels).\(figure)"], of: cocoLabels) })
        }
        return PlannedTable(
            number: 2, title: "Pseudo labels of a COCO set", measure: "mask AP, %", corner: "figure",
            columns: ["Y_crf", "Y_ret"], rows: rows, comparesRows: false)
    }
}
