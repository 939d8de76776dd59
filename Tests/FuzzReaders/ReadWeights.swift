import FileAccess
import Foundation
import Weights

/// Opens a file of weights and reads its tensors, but those that repeat a few elements a million times, by right.
func readTensors(_ path: String) throws {
    let file = try openWeights(path)
    let map = NameMap(fileNames: file.tensors.map(\.name))
    for tensor in file.tensors where tensor.count < 1 << 20 {
        let elements = try unlessRefused { try file.floats(of: tensor) }
        guard elements?.count ?? tensor.count == tensor.count else {
            throw Contradiction("a tensor of another size than its shape's")
        }
        _ = map.recognize(tensor.name)
    }
}
