import Configuration
import Layers

extension Planner {
    /// Table 4: DeepLab v1 and v2, trained on either label map and on both with the noise-aware loss.
    func segmenterTable() throws -> PlannedTable {
        let losses = [
            ("Y_crf (val)", SegmentationLoss.Kind.crfLabels), ("Y_ret (val)", .retrievalLabels),
            ("NAL (val)", .noiseAware),
        ]
        let rows = try losses.map { name, loss in
            PlannedTable.Row(name, try [false, true].map { v2 in try cell(["crf"]) { try segmenter(loss, v2: v2) } })
        }
        let test = PlannedTable.Cell.none(
            reason: "the truth of test is not public: submit comp6_test_cls, which bana evaluate segmenter writes with "
                + "--set data.validation=test, to VOC's evaluation server")
        return PlannedTable(
            number: 4, title: "DeepLab", measure: "mIoU after the CRF, %", corner: "labels or loss",
            columns: ["v1", "v2"], rows: rows + [PlannedTable.Row("NAL (test)", [test, test])])
    }

    /// Table 5: ways to learn from pixels on which the two label maps differ.
    func lossTable() throws -> PlannedTable {
        let losses = [
            ("baseline", SegmentationLoss.Kind.baseline), ("entropy regularisation", .entropy),
            ("bootstrapping", .bootstrapping),
            ("L_wce (NAL)", .noiseAware),
        ]
        let rows = try losses.map { name, loss in
            PlannedTable.Row(name, [try cell(["plain", "crf"]) { try segmenter(loss) }])
        }
        return PlannedTable(
            number: 5, title: "Losses", measure: "mIoU of DeepLab v1 before / after the CRF, %", corner: "loss",
            columns: [""], rows: rows)
    }

    /// Segmenters with the noise-aware loss for a few values of one setting.
    func sweepTable(
        _ title: String, _ key: String, _ values: [Double], _ set: @escaping (inout RunConfiguration, Double) -> Void
    ) throws -> PlannedTable {
        let name = key.split(separator: ".").last ?? ""
        let rows = try values.map { value in
            let run = { try self.segmenter(.noiseAware, "\(name)\(value.text)") { set(&$0, value) } }
            return PlannedTable.Row(value.text, try ["plain", "crf"].map { try cell([$0], of: run) })
        }
        return PlannedTable(
            number: nil, title: title, measure: "mIoU of DeepLab v1, %", corner: key,
            columns: ["before the CRF", "after the CRF"], rows: rows)
    }
}
