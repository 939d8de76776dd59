import FileAccess
import Foundation
import Kernels
import TensorCore
import Yams

/// The distinct convolutions of a network: a file of `configs/bench/`.
package struct LayerShapes: Decodable {
    /// Images.
    let batch: Int
    package let layers: [LayerShape]

    /// - Throws: `InputError` that says what is wrong with the file.
    package init(contentsOf path: String) throws {
        do {
            self = try YAMLDecoder().decode(LayerShapes.self, from: String(decoding: readFile(path), as: UTF8.self))
        } catch let error as DecodingError {
            throw InputError(error.problem, file: path, remedy: "see configs/bench/vgg16.yaml")
        }
        guard batch > 0 else { throw InputError("a batch of \(batch)", file: path, remedy: "give at least 1") }
        for layer in layers where !layer.isPossible {
            throw InputError("no such convolution", file: path, at: layer.name, remedy: "give sizes above 0 that fit")
        }
    }
}

/// One kind of convolution, on square images.
package struct LayerShape: Decodable {
    let name: String
    /// How many layers of the network are alike.
    let times: Int?
    /// Rows and columns of the input.
    let size: Int
    let kernel: Int
    let stride: Int?
    let dilation: Int?
    let inputs: Int
    let outputs: Int

    var geometry: ConvolutionGeometry {
        let dilation = dilation ?? 1
        return ConvolutionGeometry(
            kernel: kernel, stride: stride ?? 1, dilation: dilation, padding: dilation * (kernel / 2),
            inputChannels: inputs,
            outputChannels: outputs)
    }

    /// The first layer of a network looks at colours, which learn nothing.
    var needsInputGradient: Bool { inputs > 3 }

    fileprivate var isPossible: Bool {
        let sizes = [times ?? 1, size, kernel, stride ?? 1, dilation ?? 1, inputs, outputs]
        return sizes.allSatisfy { 1...65536 ~= $0 } && geometry.accepts(Shape(1, size, size, inputs))
    }

    /// Floating-point operations of one pass, as they are counted without Winograd.
    package func operations(batch: Int) -> Double {
        let output = geometry.outputShape(Shape(batch, size, size, inputs))
        return 2 * Double(output.count) * Double(geometry.filterCount)
    }
}

extension DecodingError {
    /// What is wrong, and where.
    fileprivate var problem: String {
        switch self {
        case .keyNotFound(let key, let context): "\(context.place) has no \(key.stringValue)"
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .dataCorrupted(let context):
            "\(context.place) cannot be read"
        @unknown default: "cannot be read"
        }
    }
}

extension DecodingError.Context {
    fileprivate var place: String {
        codingPath.isEmpty ? "the file" : codingPath.map(\.stringValue).joined(separator: ".")
    }
}
