/// What a launcher's environment variables say about the job.
package struct LauncherEnvironment: Sendable {
    /// Whether an MPI launcher started this process.
    package let isMPIJob: Bool
    /// Processes of the job on this host.
    package let localSize: Int?
    /// Processes of the job, where the launcher says so.
    package let size: Int?
    /// Tasks Slurm says it started.
    private let slurmTasks: Int

    /// Reads `environment`, a process's variables.
    package init(_ environment: [String: String]) {
        let tasks = environment["SLURM_NTASKS"].flatMap(Int.init) ?? 1
        // `srun` sets PMIX_RANK or PMI_RANK where it was built with the same interface as MPI.
        let marks = ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"]
        isMPIJob = marks.contains { environment[$0] != nil }
        localSize = environment["OMPI_COMM_WORLD_LOCAL_SIZE"].flatMap(Int.init)
        let given = environment["OMPI_COMM_WORLD_SIZE"] ?? (isMPIJob ? environment["SLURM_NTASKS"] : nil)
        size = given.flatMap(Int.init)
        slurmTasks = environment["SLURM_PROCID"] == nil || environment["SLURM_STEP_ID"] == nil ? 1 : tasks
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
    /// - Throws: `CommunicationError` with a hint how to launch.
    func refuseStrangers(size: Int) throws {
        guard size == 1 && slurmTasks > 1 else { return }
        throw CommunicationError(
            "Slurm started \(slurmTasks) tasks that do not know of each other; use `srun --mpi=pmix`, or mpirun inside sbatch"
        )
    }
}
