/// What a launcher's environment variables say about the job.
package struct LauncherEnvironment: Sendable {
    /// Who started this process together with others; `nil` where nobody did.
    package let launcher: Launcher?
    /// Processes of the job, where the launcher says so.
    package let size: Int?
    /// The shared library to reach MPI by, where the user names one: `BANA_MPI`.
    let library: String?
    /// Tasks Slurm says it started.
    private let slurmTasks: Int

    /// A program that starts the processes of an MPI job.
    package enum Launcher: String, Sendable {
        case openMPI = "Open MPI's mpirun"
        /// MPICH's, Intel's and MVAPICH's.
        case hydra = "Hydra's mpiexec"
        /// `srun --mpi=pmi2`, Cray's, or another that speaks PMI.
        case pmi = "a launcher that speaks PMI"
        /// `srun --mpi=pmix`, `prterun`.
        case pmix = "a launcher that speaks PMIx"

        /// The kinds of MPI that it starts, the likeliest first.
        var families: [MPIFamily] {
            switch self {
            case .openMPI: [.openMPI, .standard]
            case .hydra: [.mpich, .standard]
            case .pmi: [.mpich, .openMPI, .standard]
            case .pmix: [.openMPI, .mpich, .standard]
            }
        }
    }

    /// Whether an MPI launcher started this process.
    package var isMPIJob: Bool { launcher != nil }

    /// Reads `environment`, a process's variables.
    package init(_ environment: [String: String]) {
        func has(_ names: String...) -> Bool { names.contains { environment[$0] != nil } }
        launcher =
            if has("OMPI_COMM_WORLD_SIZE") {
                .openMPI
            } else if has("PMI_RANK") {
                has("MPI_LOCALNRANKS", "HYDI_CONTROL_FD") ? .hydra : .pmi
            } else {
                has("PMIX_RANK") ? .pmix : nil
            }
        let tasks = environment["SLURM_NTASKS"].flatMap(Int.init)
        let names = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"] + (launcher == nil ? [] : ["SLURM_NTASKS"])
        size = names.lazy.compactMap { environment[$0].flatMap(Int.init) }.first
        library = environment["BANA_MPI"].flatMap { $0.isEmpty ? nil : $0 }
        slurmTasks = has("SLURM_PROCID") && has("SLURM_STEP_ID") ? tasks ?? 1 : 1
    }

    /// Settings of Open MPI that suit the job: over Ethernet its own choices take two to four times as long.
    ///
    /// Gradients go by Rabenseifner's algorithm where the ranks are a power of two, else round a ring; the small sums that
    /// everybody waits for by recursive doubling. Fixed algorithms also add up in a fixed order, run after run.
    package var librarySettings: [String: String] {
        guard let size, size > 1 else { return [:] }
        return [
            "OMPI_MCA_coll_libnbc_iallreduce_algorithm": size & (size - 1) == 0 ? "3" : "1",
            "OMPI_MCA_coll_tuned_use_dynamic_rules": "1", "OMPI_MCA_coll_tuned_allreduce_algorithm": "3",
        ]
    }

    /// Refuses a job whose tasks do not know of each other: each would do the whole work.
    ///
    /// - Parameter library: what MPI calls itself, where it was reached.
    /// - Throws: `CommunicationError` with a hint how to launch.
    func refuseStrangers(size: Int, library: String? = nil) throws {
        guard size == 1 else { return }
        if slurmTasks > 1 {
            let interface = "use `srun --mpi=pmix` (Open MPI) or `--mpi=pmi2` (MPICH), or mpirun inside sbatch"
            throw CommunicationError(
                "Slurm started \(slurmTasks) tasks that do not know of each other; \(interface)")
        }
        if let launcher, let library, let started = self.size, started > 1 {
            throw CommunicationError(
                "\(launcher.rawValue) started \(started) processes, of which \(library) knows one; "
                    + "start them by the mpirun that belongs to it, or name another library with BANA_MPI")
        }
    }
}
