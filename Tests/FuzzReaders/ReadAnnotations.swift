import Annotations
import Evaluation
import FileAccess
import Foundation
import TensorCore

func readVOC(_ data: Data) throws {
    let annotation = try VOCAnnotation(decoding: data, file: "a.xml") { _ in }
    let (width, height) = annotation.size ?? (500, 375)
    _ = annotation.problems(classes: .voc, width: 500, height: 375, isTurned: true)
    _ = try annotation.boxes(classes: .voc, width: width, height: height)
}

func readInstances(_ path: String) throws {
    let instances = try COCOInstances(contentsOf: path, report: { _ in }, refuse: { _ in })
    _ = try unlessRefused { try instances.classes() }
    for index in instances.images.indices {
        _ = instances.fault(of: index)
        for object in instances.objects(of: index) {
            let image = instances.images[index]
            _ = object.box?.problem(width: image.width, height: image.height)
            if let mask = try unlessRefused({ try instances.mask(of: object, in: index) }) ?? nil { try look(at: mask) }
        }
    }
}

/// A mask tells of its size and can be written and read again.
private func look(at mask: RunLengths) throws {
    guard mask.bounds.width * mask.bounds.height >= mask.area else { throw Contradiction("a mask beyond its bounds") }
    if mask.width * mask.height < 1 << 20 { _ = mask.pixels }
    guard RunLengths(width: mask.width, height: mask.height, text: mask.text) == mask else {
        throw Contradiction("a mask that does not read back")
    }
}

extension Workplace {
    func readResults(_ path: String) throws {
        let truth = try truth.get()
        let results = try Annotations.readResults(path, for: truth)
        for result in results { try look(at: result.mask) }
        _ = try scoreInstances(results, truth: truth, ThreadPool(threadCount: 1)).table
    }
}

func readImageList(_ path: String) throws {
    _ = try ImageList(contentsOf: path) { _ in }
}
