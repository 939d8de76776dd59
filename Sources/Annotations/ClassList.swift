package import FileAccess
import Foundation

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

    /// The names in a text that separates them by commas, as flags give them; margins do not count.
    package static func names(in text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingCharacters(in: .whitespacesAndNewlines) }
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
        let hint = nearestName(to: name, among: objects).map { "did you mean \(quoted($0))?" }
        return InputError("unknown class \(quoted(name))", remedy: hint ?? "known are \(summary)")
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
        objects.prefix(8).map { shortened($0) }.joined(separator: ", ") + (objects.count > 8 ? ", ..." : "")
    }

    /// The most classes of objects that a list can have.
    static let limit = 254
    private static let advice = "give each class one name; the background is implied"

    private static func check(_ objects: [String]) throws {
        guard (1...limit).contains(objects.count) else {
            throw InputError("\(objects.count) classes of objects; 1 to \(limit) are possible", remedy: advice)
        }
        var seen: Set<String> = []
        for name in objects {
            if let problem = problem(withNew: name) { throw problem }
            if !seen.insert(name).inserted { throw InputError("class \(quoted(name)) is named twice", remedy: advice) }
        }
    }

    /// Why no class of objects can have this name; `nil` if one can.
    package static func problem(withNew name: String) -> InputError? {
        if name.allSatisfy(\.isWhitespace) { return InputError("a class without a name", remedy: advice) }
        return name == background ? InputError("'\(background)' among the classes", remedy: advice) : nil
    }
}

extension ClassList {
    /// The twenty classes of PASCAL VOC in its order: aeroplane is 1, tvmonitor 20.
    package static let voc = ClassList(checked: [
        "aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog",
        "horse", "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor",
    ])

    /// The eighty classes of MS COCO in the order of their category ids. These have gaps: toothbrush is class 80, but
    /// category 90.
    package static let coco = ClassList(checked: [
        "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
        "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
        "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee", "skis",
        "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
        "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple", "sandwich",
        "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch", "potted plant", "bed",
        "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard", "cell phone", "microwave", "oven",
        "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors", "teddy bear", "hair drier",
        "toothbrush",
    ])
}

/// VOC's words for what COCO calls otherwise.
private let cocoNames = [
    "aeroplane": "airplane", "diningtable": "dining table", "motorbike": "motorcycle", "pottedplant": "potted plant",
    "sofa": "couch", "tvmonitor": "tv",
]

private func commonName(_ name: String) -> String {
    cocoNames[name] ?? name
}
