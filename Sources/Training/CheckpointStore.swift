import FileAccess
import Foundation
import TensorCore
import Weights

/// The saved states of a run: `NNNNNN/` for each, complete or absent.
///
/// A state is what the next iteration needs: weights, momentum, running statistics and the iteration. Random numbers
/// and the order of samples follow from the iteration; nothing depends on the number of ranks.
package struct CheckpointStore {
    package let folder: String
    /// How many states are kept.
    package let keep: Int

    /// Tells which images the run learns from, in which order; `nil` where that does not matter.
    private let images: UInt32?

    package init(_ folder: String, keep: Int, images: UInt32? = nil) {
        (self.folder, self.keep, self.images) = (folder, keep, images)
    }

    /// What is written beside the tensors.
    private struct State: Codable {
        var format = 1
        /// Iterations done.
        var iteration: Int
        /// Tensors that were in the start weights, which learn at other rates than the rest.
        var pretrained: [String]
        /// Checksum of the list of images; absent in states of earlier versions.
        var images: UInt32?
    }

    // MARK: - Saving

    /// Writes the state after `iteration` iterations, then removes the oldest beyond `keep`.
    ///
    /// - Throws: `InputError` when the disk is full or the folder may not be written.
    package func save(iteration: Int, _ optimizer: Optimizer) throws {
        let arena = optimizer.arena
        let name = String(format: "%06d", iteration)
        let temporary = join(folder, ".\(name).tmp")
        try removeUnfinished()
        try arena.save(to: join(temporary, weights))
        try optimizer.saveVelocity(to: join(temporary, momentum))
        let pretrained = arena.parameters.filter(\.isPretrained).map(\.name)
        try writeJSON(
            State(iteration: iteration, pretrained: pretrained, images: images), to: join(temporary, description))
        try writeJSON(try checksums(of: temporary), to: join(temporary, checksumsFile))
        try removeItem(join(folder, name))
        try moveFolder(temporary, to: join(folder, name))
        try removeObsolete(newest: iteration)
    }

    /// Removes what a process left that died while it saved.
    private func removeUnfinished() throws {
        for name in entries() where name.hasPrefix(".") && name.hasSuffix(".tmp") { try removeItem(join(folder, name)) }
    }

    /// Removes the oldest states, and those of later iterations: the run went on without them, so they are damaged.
    private func removeObsolete(newest: Int) throws {
        let states = names()
        let valid = states.filter { Int($0) ?? 0 <= newest }
        for name in Set(states).subtracting(valid.prefix(keep)) { try removeItem(join(folder, name)) }
    }

    /// The CRC-32 of each file of a state but the one they are written to.
    private func checksums(of path: String) throws -> [String: UInt32] {
        var sums: [String: UInt32] = [:]
        for name in [weights, momentum, description] { sums[name] = checksum(try readFile(join(path, name))) }
        return sums
    }

    // MARK: - Loading

    /// Restores the newest sound state; returns its iteration, or `nil` if none was saved yet.
    ///
    /// - Parameter warn: told about each damaged state that is passed over.
    /// - Throws: `InputError` when all are damaged, or when the run learned from other images: whether to begin anew is
    ///   the user's decision.
    package func loadLatest(_ optimizer: Optimizer, warn: (String) -> Void) throws -> Int? {
        try removeUnfinished()
        let names = names()
        for name in names {
            do {
                return try load(name, optimizer)
            } catch is OtherImages {
                throw InputError(
                    "the run began with another list of images", file: join(folder, name),
                    remedy: "bring the list back, choose another --run, or begin anew with --restart")
            } catch let error as InputError {
                warn("the checkpoint \(name) is damaged (\(error)); trying the one before")
            }
        }
        guard names.isEmpty else {
            throw InputError(
                "every checkpoint in it is damaged", file: folder,
                remedy: "bring one back from a backup, or begin anew with --restart")
        }
        return nil
    }

    private func load(_ name: String, _ optimizer: Optimizer) throws -> Int {
        let (path, arena) = (join(folder, name), optimizer.arena)
        let found = try checksums(of: path)
        let wanted = try readJSON([String: UInt32].self, from: join(path, checksumsFile), orSay: noDescription)
        for (name, sum) in found where wanted[name] != sum {
            throw InputError("its checksum is wrong", file: join(path, name))
        }
        let state = try readJSON(State.self, from: join(path, description), orSay: noDescription)
        if let images, let known = state.images, images != known { throw OtherImages() }
        guard state.iteration > 0, state.iteration == Int(name) else {
            throw InputError("it is of iteration \(state.iteration)", file: join(path, description))
        }
        _ = try arena.load(try openWeights(join(path, weights)), as: .model)
        try optimizer.loadVelocity(from: join(path, momentum))
        let pretrained = Set(state.pretrained)
        for parameter in arena.parameters { parameter.isPretrained = pretrained.contains(parameter.name) }
        return state.iteration
    }

    private struct OtherImages: Error {}

    private var noDescription: String { "it is no description of a checkpoint" }

    // MARK: - Names

    private let weights = "model.safetensors"
    private let momentum = "momentum.safetensors"
    private let description = "state.json"
    private let checksumsFile = "checksums.json"

    /// Saved states, the newest first.
    private func names() -> [String] {
        entries().filter { Int($0) != nil }.sorted { (Int($0) ?? 0) > (Int($1) ?? 0) }
    }

    private func entries() -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
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
