internal import FileAccess
internal import Foundation
package import TensorCore
internal import Weights

/// The saved states of a run: `NNNNNN/` for each, complete or absent.
///
/// A state is what the next iteration needs: weights, momentum, running statistics and the iteration. Random numbers
/// and the order of samples follow from the iteration; nothing depends on the number of ranks.
package struct CheckpointStore {
    package let folder: String
    /// How many states are kept.
    package let keep: Int

    package init(_ folder: String, keep: Int) { (self.folder, self.keep) = (folder, keep) }

    /// What is written beside the tensors.
    private struct State: Codable {
        var format = 1
        /// Iterations done.
        var iteration: Int
        /// Tensors that were in the start weights, which learn at other rates than the rest.
        var pretrained: [String]
        /// CRC-32 of every file.
        var checksums: [String: UInt32]
    }

    // MARK: - Saving

    /// Writes the state after `iteration` iterations, then removes the oldest beyond `keep`.
    ///
    /// - Throws: `InputError` when the disk is full or the folder may not be written.
    package func save(iteration: Int, _ arena: ParameterArena, _ optimizer: Optimizer) throws {
        let name = String(format: "%06d", iteration)
        let temporary = join(folder, ".\(name).tmp")
        try remove(temporary)
        try arena.save(to: join(temporary, weights))
        try optimizer.saveVelocity(to: join(temporary, momentum))
        let state = State(
            iteration: iteration, pretrained: arena.parameters.filter { !$0.isNew }.map(\.name),
            checksums: [
                weights: checksum(try readFile(join(temporary, weights))),
                momentum: checksum(try readFile(join(temporary, momentum))),
            ])
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try writeAtomically(try encoder.encode(state), to: join(temporary, description))
        try remove(join(folder, name))
        try moveFolder(temporary, to: join(folder, name))
        for old in names().dropFirst(keep) { try remove(join(folder, old)) }
    }

    // MARK: - Loading

    /// Restores the newest sound state; returns its iteration, or `nil` if there is none.
    ///
    /// - Parameter warn: told about each damaged state that is passed over.
    package func loadLatest(
        _ arena: ParameterArena, _ optimizer: Optimizer, warn: (String) -> Void
    ) throws -> Int? {
        for name in names() {
            do {
                return try load(join(folder, name), arena, optimizer)
            } catch let error as InputError {
                warn("the checkpoint \(name) is damaged (\(error)); trying the one before")
            }
        }
        return nil
    }

    /// Whether any state was saved.
    package var isEmpty: Bool { names().isEmpty }

    private func load(_ path: String, _ arena: ParameterArena, _ optimizer: Optimizer) throws -> Int {
        let file = join(path, description)
        guard let state = try? JSONDecoder().decode(State.self, from: try readFile(file)) else {
            throw InputError("not a description of a checkpoint", file: file)
        }
        for (name, expected) in state.checksums where checksum(try readFile(join(path, name))) != expected {
            throw InputError("its checksum is wrong", file: join(path, name))
        }
        _ = try arena.load(try openWeights(join(path, weights)), as: .model)
        try optimizer.loadVelocity(from: join(path, momentum))
        let pretrained = Set(state.pretrained)
        for parameter in arena.parameters { parameter.isNew = !pretrained.contains(parameter.name) }
        optimizer.assignRates()
        return state.iteration
    }

    // MARK: - Names

    private let weights = "model.safetensors"
    private let momentum = "momentum.safetensors"
    private let description = "state.json"

    /// Saved states, the newest first.
    private func names() -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return all.filter { Int($0) != nil }.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
    }

    private func remove(_ path: String) throws {
        guard exists(path) else { return }
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            throw InputError("cannot be removed: \(error)", file: path)
        }
    }
}

extension Optimizer {
    /// Writes the velocities under the names of the tensors they move.
    func saveVelocity(to path: String) throws {
        let tensors = arena.parameters.map { parameter in
            TensorToWrite(parameter.name, parameter.fileShape) { [velocity] in
                parameter.fileOrder(velocity + parameter.offset)
            }
        }
        try writeSafetensors(tensors, to: path)
    }

    /// Restores the velocities.
    func loadVelocity(from path: String) throws {
        let file = try openWeights(path)
        let entries = Dictionary(file.tensors.map { ($0.name, $0) }) { first, _ in first }
        for parameter in arena.parameters {
            guard let entry = entries[parameter.name], entry.shape == parameter.fileShape else {
                throw InputError("no momentum for \(parameter.name)", file: path)
            }
            parameter.set(velocity + parameter.offset, fileOrder: try file.floats(of: entry))
        }
    }
}
