package import Foundation
import TestSupport

/// What reads files that come from outside, each as the fuzzer and the test of its seeds call it.
package enum Reader: String, CaseIterable, Sendable {
    case vocXML = "voc-xml"
    case instances = "coco-instances"
    case results = "coco-results"
    case imageList = "image-list"
    case jpeg
    case png
    case labelMap = "label-map"
    case safetensors
    /// A zip archive, as torch.save writes it.
    case pyTorch = "pytorch"
    /// What torch.save wrote before version 1.6.
    case oldPyTorch = "pytorch-old"
    case configuration
    /// `--set`, one a line.
    case override
    case reproduction
    case layers
    /// The state of a training: its first byte says which of the files the rest is.
    case checkpoint
    case metrics
    case runRecord = "run-record"
    case outputRecord = "output-record"
    case scores

    /// Reads `data` as a file, and has done with it what the program does.
    ///
    /// - Parameter workplace: where the file is put, for readers that want one.
    /// - Throws: `InputError` where the file is refused; anything else is a mistake in the program.
    package func read(_ data: Data, in workplace: Workplace) throws {
        switch self {
        case .vocXML: try readVOC(data)
        case .instances: try readInstances(try workplace.file("instances.json", data))
        case .results: try workplace.readResults(try workplace.file("results.json", data))
        case .imageList: try readImageList(try workplace.file("list.txt", data))
        case .jpeg, .png: try readImage(data)
        case .labelMap: try readLabelMap(data)
        case .safetensors: try readTensors(try workplace.file("weights.safetensors", data))
        case .pyTorch, .oldPyTorch: try readTensors(try workplace.file("weights.pth", data))
        case .configuration: try readConfiguration(try workplace.file("config.yaml", data))
        case .override: try readOverrides(data)
        case .reproduction: try readReproduction(try workplace.file("reproduce.yaml", data))
        case .layers: try readLayers(try workplace.file("layers.yaml", data))
        case .checkpoint: try workplace.readCheckpoint(data)
        case .metrics: try readMetrics(try workplace.file("metrics.jsonl", data))
        case .runRecord: try readRunRecord(try workplace.file("run/config.yaml", data))
        case .outputRecord: try readOutputRecord(try workplace.file("labels.json", data))
        case .scores: try readScores(try workplace.file("evaluation.json", data))
        }
    }

    /// The folder of the files that the fuzzer begins with, and that every test reads.
    package var seeds: String { fixture("fuzz/\(rawValue)") }
}
