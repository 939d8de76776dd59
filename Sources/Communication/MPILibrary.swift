import CMPI
import FileAccess
import Foundation

#if canImport(Glibc)
    import Glibc
#elseif canImport(Darwin)
    import Darwin
#endif

/// The MPI that this process was found to need, reached by the shared library that `launch/shim` made for it.
package struct MPILibrary: Sendable {
    /// The library between bana and MPI.
    package let path: String
    let functions: bana_mpi_door

    /// What MPI calls itself, as `Open MPI v4.1.4, ...`.
    package var name: String {
        var text = [CChar](repeating: 0, count: 512)
        functions.library_name(&text, text.count)
        return string(text).split { $0.isWhitespace }.joined(separator: " ")
    }

    /// The library that `environment` names, or the first of those its launcher goes with that is there.
    ///
    /// It is looked for beside the program, and in `../lib/bana` from there.
    ///
    /// - Throws: `CommunicationError` saying who started this process, what is missing, and how to make it.
    package init(for environment: LauncherEnvironment) throws(CommunicationError) {
        if let named = environment.library {
            do throws(Unusable) { try self.init(named) } catch {
                throw CommunicationError("BANA_MPI: \(error.reason); make it with launch/shim")
            }
            return
        }
        var reasons: [String] = []
        for family in environment.launcher?.families ?? [] {
            let found = MPILibrary.folders.map { join($0, family.shimName) }.filter(exists)
            for path in found {
                do throws(Unusable) {
                    try self.init(path, of: family)
                    return
                } catch {
                    reasons.append(error.reason)
                }
            }
        }
        throw MPILibrary.nothingFound(environment, reasons)
    }

    private init(_ path: String, of family: MPIFamily? = nil) throws(Unusable) {
        self.path = path
        guard let library = MPILibrary.open(path, of: family) else {
            throw Unusable(reason: String(cString: dlerror()))
        }
        guard let symbol = dlsym(library, "bana_mpi") else {
            throw Unusable(reason: "\(path) is not made by launch/shim")
        }
        functions = symbol.assumingMemoryBound(to: bana_mpi_door.self).pointee
        guard functions.version == BANA_MPI_VERSION else {
            throw Unusable(reason: "\(path) was made for another version of bana")
        }
    }

    /// Why a library cannot be used.
    private struct Unusable: Error {
        let reason: String
    }

    /// Loads a shim and the MPI it needs. One that does not name its MPI finds what was loaded before.
    ///
    /// Everything is global: parts that MPI loads later look for it there.
    private static func open(_ path: String, of family: MPIFamily?) -> UnsafeMutableRawPointer? {
        let flags = RTLD_NOW | RTLD_GLOBAL
        if let library = dlopen(path, flags) { return library }
        for name in (family.map { [$0] } ?? MPIFamily.allCases).flatMap(\.libraryNames) {
            for folder in [""] + MPILibrary.foldersOfLauncher where dlopen(join(folder, name), flags) != nil {
                return dlopen(path, flags)
            }
        }
        return dlopen(path, flags)
    }

    /// Where shims lie.
    package static var folders: [String] {
        let program = Bundle.main.executableURL?.resolvingSymlinksInPath().deletingLastPathComponent().path ?? "."
        return [program, join(program, "../lib/bana")]
    }

    /// Where the libraries that belong to the launcher in `PATH` lie.
    private static var foldersOfLauncher: [String] {
        let places = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":").map(String.init)
        let found = ["mpirun", "mpiexec"].flatMap { name in places.map { join($0, name) } }.filter(exists)
        return found.flatMap { launcher in
            let bin = URL(fileURLWithPath: launcher).resolvingSymlinksInPath().deletingLastPathComponent().path
            return ["../lib", "../lib64"].map { join(bin, $0) }
        }
    }

    private static func nothingFound(_ environment: LauncherEnvironment, _ reasons: [String]) -> CommunicationError {
        let launcher = environment.launcher?.rawValue ?? "nobody"
        let families = environment.launcher?.families ?? []
        let missing =
            reasons.isEmpty
            ? "there is no \(families.map(\.shimName).joined(separator: ", no ")) in \(folders[0])"
            : reasons.joined(separator: "; ")
        return CommunicationError(
            "started by \(launcher), but \(missing); make it with `launch/shim --mpicc FILE`, "
                + "FILE being the mpicc that belongs to the launcher")
    }

    /// - Throws: where an MPI call returned an error.
    func check(_ status: Int32, _ action: String) throws(CommunicationError) {
        guard status != 0 else { return }
        var text = [CChar](repeating: 0, count: 512)
        functions.error_text(status, &text, text.count)
        throw CommunicationError("\(action) failed: \(string(text))")
    }
}

private func string(_ text: [CChar]) -> String {
    String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
}
