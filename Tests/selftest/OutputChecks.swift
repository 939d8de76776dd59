import Communication
import Configuration
import FileAccess
import Foundation
import Reproduction
import Runs
import StageSupport
import Stages

/// Every image is labelled by some rank as by one process.
@Sendable func labelsAreTheSame(_ ranks: Ranks) throws {
    let weights = join(ranks.folder, "classifier/alone/model.safetensors")
    let settings = try tinySettings(for: .label, ["model.weights=\(weights)"])
    let folders = ["alone", "together"].map { join(ranks.folder, "labels/" + $0) }
    try ranks.alone { _ = try makeLabels(settings, in: folders[0], restart: false, $0) }
    try ranks.together { _ = try makeLabels(settings, in: folders[1], restart: false, $0) }
    try ranks.expectSameFiles(folders, atLeast: 3 * 8)
}

/// Images are segmented and counted by some rank as by one process.
@Sendable func evaluationIsTheSame(_ ranks: Ranks) throws {
    let settings = try tinySettings(for: .evaluateSegmenter, ["data.crop=0"])
    let runs = ["alone", "together"].map { join(ranks.folder, "evaluation/" + $0) }
    let model = "model.safetensors"
    try ranks.alone { session in
        for run in runs {
            try writeAtomically(try readFile(join(ranks.folder, "segmenter/alone/" + model)), to: join(run, model))
        }
        try silently { _ = try evaluateSegmenter(settings, in: runs[0], json: nil, session) }
    }
    try ranks.together { session in
        try silently { _ = try evaluateSegmenter(settings, in: runs[1], json: nil, session) }
    }
    try ranks.expectSameFiles(runs, atLeast: 2 * 2 + 2)
}

/// The record of how a folder was made: of one process or of several.
private let whatNamesTheRanks = "config.yaml"

/// What one process has trained is labelled and measured by all ranks to the same tables.
@Sendable func tablesAreTheSame(_ ranks: Ranks) throws {
    let folder = join(ranks.folder, "reproduction")
    let settings = try tinyReproduction(in: folder, ["tables=[1, 3]", "sweeps.bg_threshold=[0.5]"])
    let (tables, kept) = (join(folder, "tables"), join(folder, "alone.json"))
    try ranks.alone { session in
        try silently { _ = try reproduce(settings, in: tables, session) }
        try writeAtomically(try readFile(join(tables, "tables.json")), to: kept)
        for lost in ["labels-bap-val/figures.json", "labels-gap-val/Y_crf", "labels-gap-val/figures.json"] {
            try removeItem(join(tables, lost))
        }
    }
    try ranks.together { session in try silently { _ = try reproduce(settings, in: tables, session) } }
    guard ranks.world.isRoot else { return }
    ranks.expect(try readFile(kept) == readFile(join(tables, "tables.json")), "other tables")
}

extension Ranks {
    fileprivate func expectSameFiles(_ folders: [String], atLeast count: Int) throws {
        guard world.isRoot else { return }
        let lists = folders.map { folder in
            (FileManager.default.enumerator(atPath: folder)?.allObjects ?? []).compactMap { $0 as? String }
                .filter { !isDirectory(join(folder, $0)) && $0 != whatNamesTheRanks }.sorted()
        }
        expect(lists[0] == lists[1] && lists[0].count >= count, "files \(lists)")
        for name in lists[0] where exists(join(folders[1], name)) {
            let isSame = try readFile(join(folders[0], name)) == readFile(join(folders[1], name))
            expect(isSame, "\(name) differs")
        }
    }
}

/// Runs `body` without what it prints.
private func silently(_ body: () throws -> Void) rethrows {
    fflush(nil)
    let (output, nowhere) = (dup(STDOUT_FILENO), open("/dev/null", O_WRONLY))
    dup2(nowhere, STDOUT_FILENO)
    defer {
        fflush(nil)
        dup2(output, STDOUT_FILENO)
        close(output)
        close(nowhere)
    }
    try body()
}
