/// What the papers report for one thing, in percent.
struct PublishedFigures {
    /// Oh, Kim, Ham, "Background-Aware Pooling and Noise-Aware Loss for Weakly-Supervised Semantic Segmentation" (CVPR
    /// 2021).
    let authors: [Double]?
    /// Mehta et al., "[Re] Background-Aware Pooling and Noise-Aware Loss for Weakly-Supervised Semantic Segmentation"
    /// (ReScience C, 2022).
    let reproduction: [Double]?
}

/// The published figures by number of the table, row and column.
///
/// Tables 1, 2, 4 and 5 are in both papers, 3 and 6 in the reproduction.
let publishedFigures: [Int: [String: [String: PublishedFigures]]] = [
    // Pseudo labels, PASCAL VOC 2012 val, mIoU.
    1: [
        "GAP": ["": both(76.1, 75.5)],
        "BAP, Y_crf without u0": ["": both(77.8, 77.0)],
        "BAP, Y_crf": ["": both(79.2, 78.8)],
        "BAP, Y_ret": ["": both(69.9, 69.9)],
        "BAP, Y_crf & Y_ret": ["": both(68.2, 72.7)],
    ],
    // Pseudo labels, MS COCO train, mask AP, the network trained on VOC.
    2: [
        "AP": ["Y_crf": both(11.7, 8.6), "Y_ret": both(9.0, 6.6)],
        "AP50": ["Y_crf": both(28.7, 20.1), "Y_ret": both(30.1, 20.2)],
        "AP75": ["Y_crf": both(8.0, 6.5), "Y_ret": both(2.8, 2.5)],
        "AP_S": ["Y_crf": both(3.0, 1.9), "Y_ret": both(4.4, 3.3)],
        "AP_M": ["Y_crf": both(15.0, 8.8), "Y_ret": both(10.2, 5.7)],
        "AP_L": ["Y_crf": both(27.1, 15.9), "Y_ret": both(16.2, 10.6)],
    ],
    // Class-agnostic pseudo labels, VOC val, mIoU.
    3: [
        "BAP, Y_crf": ["CAM": reproduced(78.7), "1 - u0": reproduced(67.48)],
        "BAP, Y_ret": ["CAM": reproduced(70.8), "1 - u0": reproduced(68.66)],
    ],
    // DeepLab, VOC, mIoU after the CRF.
    4: [
        "Y_crf (val)": ["v1": both(67.8, 64.7), "v2": both(74.0, 67.0)],
        "Y_ret (val)": ["v1": both(66.1, 62.8), "v2": both(72.4, 70.2)],
        "NAL (val)": ["v1": both(68.1, 64.8), "v2": both(74.6, 70.8)],
        "NAL (test)": ["v1": both(69.4, 65.6), "v2": both(76.1, 71.7)],
    ],
    // Losses, DeepLab v1, VOC val, mIoU before and after the CRF.
    5: [
        "baseline": ["": PublishedFigures(authors: [61.8, 67.5], reproduction: [60.9, 64.5])],
        "entropy regularisation": ["": PublishedFigures(authors: [61.4, 67.3], reproduction: [60.8, 64.1])],
        "bootstrapping": ["": PublishedFigures(authors: [61.9, 67.6], reproduction: [60.9, 64.6])],
        "L_wce (NAL)": ["": PublishedFigures(authors: [62.4, 68.1], reproduction: [61.4, 64.8])],
    ],
    // Grid size against ROI size, pseudo labels, VOC val, mIoU.
    6: [
        "1": ["ROI 1": reproduced(75.82), "ROI 2": reproduced(75.77), "ROI 3": reproduced(75.65)],
        "2": ["ROI 1": reproduced(76.11), "ROI 2": reproduced(76.10), "ROI 3": reproduced(75.15)],
        "3": ["ROI 1": reproduced(75.87), "ROI 2": reproduced(75.78), "ROI 3": reproduced(75.81)],
        "4": ["ROI 1": reproduced(78.83), "ROI 2": reproduced(78.72), "ROI 3": reproduced(78.82)],
        "5": ["ROI 1": reproduced(74.16), "ROI 2": reproduced(74.07), "ROI 3": reproduced(74.02)],
    ],
]

private func both(_ authors: Double, _ reproduction: Double) -> PublishedFigures {
    PublishedFigures(authors: [authors], reproduction: [reproduction])
}

private func reproduced(_ figure: Double) -> PublishedFigures {
    PublishedFigures(authors: nil, reproduction: [figure])
}
