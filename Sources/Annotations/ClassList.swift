package import FileAccess

/// The classes of a data set or a network, in the order of their indices.
///
/// Index 0 is the background, which every list has without naming it; 255 marks "ignore" in label maps and is no class.
package struct ClassList: Equatable, Sendable {
    /// Name of every class, the background first: `names[classIndex]`.
    package let names: [String]
    private let indices: [String: Int]

    /// The background and the given classes of objects, numbered from 1.
    ///
    /// - Throws: `InputError` if there are none or too many, or if a name is empty, repeated or that of the background.
    package init(_ objects: [String]) throws {
        try ClassList.check(objects)
        self.init(checked: objects)
    }

    private init(checked objects: [String]) {
        names = [ClassList.background] + objects
        indices = Dictionary(uniqueKeysWithValues: zip(names, 0...))
    }

    /// Number of classes, the background included: the classifier's channels.
    package var count: Int { names.count }
    /// Names of all classes but the background.
    package var objects: ArraySlice<String> { names.dropFirst() }

    /// Index of the class of objects called `name`.
    ///
    /// - Throws: `InputError` that tells the nearest known name.
    package func index(of name: String) throws -> Int {
        if let problem = problem(withName: name) { throw problem }
        return indices[name, default: 0]
    }

    /// Says that no class of objects is called `name`, and the nearest known one; `nil` if there is such a class.
    package func problem(withName name: String) -> InputError? {
        if indices[name, default: 0] > 0 { return nil }
        let hint = nearestName(to: name, among: objects).map { "did you mean '\($0)'?" }
        return InputError("unknown class '\(name)'", remedy: hint ?? "known are \(summary)")
    }

    /// Index in `other` of each class of this list, or `nil` where it has none; the background is the background.
    ///
    /// VOC's and COCO's different words for one thing (`sofa` and `couch`) count as the same class.
    package func indices(in other: ClassList) -> [Int?] {
        let common = Dictionary(other.names.enumerated().map { (commonName($1), $0) }) { first, _ in first }
        return names.map { common[commonName($0)] }
    }

    /// Index of the class of objects called `name`, or what VOC or COCO call otherwise; `nil` if there is none.
    package func index(ofSynonym name: String) -> Int? {
        if let index = indices[name] { return index > 0 ? index : nil }
        return names.indices.dropFirst().first { commonName(names[$0]) == commonName(name) }
    }

    private static let background = "background"

    /// The first few classes, for messages.
    private var summary: String {
        objects.prefix(8).joined(separator: ", ") + (objects.count > 8 ? ", ..." : "")
    }

    private static func check(_ objects: [String]) throws {
        let remedy = "give each class one name; the background is implied"
        guard (1...254).contains(objects.count) else {
            throw InputError("\(objects.count) classes of objects; 1 to 254 are possible", remedy: remedy)
        }
        var seen: Set<String> = []
        for name in objects {
            if name.allSatisfy(\.isWhitespace) { throw InputError("a class without a name", remedy: remedy) }
            if name == background { throw InputError("'\(background)' among the classes", remedy: remedy) }
            if !seen.insert(name).inserted { throw InputError("class '\(name)' is named twice", remedy: remedy) }
        }
    }
}

extension ClassList {
    /// The twenty classes of PASCAL VOC in its order: aeroplane is 1, tvmonitor 20.
    package static let voc = ClassList(checked: [
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
        "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ])

    /// The eighty classes of MS COCO in the order of their category numbers.
    package static let coco = ClassList(checked: cocoCategories.map(\.name))

    /// COCO's category numbers, which have gaps: `cocoCategoryIDs[i]` is the number of class i + 1.
    package static let cocoCategoryIDs = cocoCategories.map(\.id)
}

/// VOC's words for what COCO calls otherwise.
private let cocoNames = [
    "aeroplane": "airplane", "diningtable": "dining table", "motorbike": "motorcycle", "pottedplant": "potted plant",
    "sofa": "couch", "tvmonitor": "tv",
]

private func commonName(_ name: String) -> String {
    cocoNames[name] ?? name
}

private let cocoCategories: [(id: Int, name: String)] = [
    (1, "person"), (2, "bicycle"), (3, "car"), (4, "motorcycle"), (5, "airplane"), (6, "bus"), (7, "train"),
    (8, "truck"), (9, "boat"), (10, "traffic light"), (11, "fire hydrant"), (13, "stop sign"), (14, "parking meter"),
    (15, "bench"), (16, "bird"), (17, "cat"), (18, "dog"), (19, "horse"), (20, "sheep"), (21, "cow"),
    (22, "elephant"), (23, "bear"), (24, "zebra"), (25, "giraffe"), (27, "backpack"), (28, "umbrella"),
    (31, "handbag"), (32, "tie"), (33, "suitcase"), (34, "frisbee"), (35, "skis"), (36, "snowboard"),
    (37, "sports ball"), (38, "kite"), (39, "baseball bat"), (40, "baseball glove"), (41, "skateboard"),
    (42, "surfboard"), (43, "tennis racket"), (44, "bottle"), (46, "wine glass"), (47, "cup"), (48, "fork"),
    (49, "knife"), (50, "spoon"), (51, "bowl"), (52, "banana"), (53, "apple"), (54, "sandwich"), (55, "orange"),
    (56, "broccoli"), (57, "carrot"), (58, "hot dog"), (59, "pizza"), (60, "donut"), (61, "cake"), (62, "chair"),
    (63, "couch"), (64, "potted plant"), (65, "bed"), (67, "dining table"), (70, "toilet"), (72, "tv"),
    (73, "laptop"), (74, "mouse"), (75, "remote"), (76, "keyboard"), (77, "cell phone"), (78, "microwave"),
    (79, "oven"), (80, "toaster"), (81, "sink"), (82, "refrigerator"), (84, "book"), (85, "clock"), (86, "vase"),
    (87, "scissors"), (88, "teddy bear"), (89, "hair drier"), (90, "toothbrush"),
]
