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
