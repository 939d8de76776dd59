package import TensorCore

extension ParameterArena {
    /// Writes the weights and running statistics under the reference's names and in its order of elements.
    ///
    /// - Throws: `InputError` naming the file and why it cannot be written.
    package func save(to path: String, metadata: [String: String] = [:]) throws {
        let tensors = (parameters + statistics).map { parameter in
            TensorToWrite(parameter.name, parameter.fileShape) { parameter.fileOrder(parameter.value) }
        }
        try writeSafetensors(tensors, metadata: metadata, to: path)
    }
}
