import Communication
import Testing

@Suite struct LauncherEnvironmentTests {
    /// MPI may not start where nobody launched it: it can hang, or fail, on a laptop's network.
    @Test func aProcessOfItsOwnIsNoJob() throws {
        #expect(!LauncherEnvironment([:]).isMPIJob)
        let alone = try Communicator(environment: LauncherEnvironment(["HOME": "/root", "SLURM_JOB_ID": "7"]))
        #expect((alone.rank, alone.size, alone.ranksOnHost) == (0, 1, 1))
    }

    @Test(arguments: [
        (["OMPI_COMM_WORLD_SIZE": "4", "PMIX_RANK": "0"], LauncherEnvironment.Launcher.openMPI),
        (["PMI_RANK": "0", "PMI_SIZE": "4", "MPI_LOCALNRANKS": "2"], .hydra),
        (["PMI_RANK": "0", "PMI_SIZE": "4", "PMI_FD": "11"], .pmi),
        (["PMIX_RANK": "0", "SLURM_NTASKS": "4"], .pmix),
    ])
    func aLauncherIsKnownByItsVariables(_ variables: [String: String], _ launcher: LauncherEnvironment.Launcher) {
        let environment = LauncherEnvironment(variables)
        #expect(environment.launcher == launcher)
        #expect(environment.isMPIJob && environment.size == 4)
    }

    @Test(arguments: [(2, "3"), (3, "1"), (8, "3"), (12, "1")])
    func gradientsTravelAsSuitsTheNumberOfRanks(_ size: Int, _ algorithm: String) {
        let settings = LauncherEnvironment(["OMPI_COMM_WORLD_SIZE": "\(size)"]).librarySettings
        #expect(settings["OMPI_MCA_coll_libnbc_iallreduce_algorithm"] == algorithm)
        #expect(LauncherEnvironment([:]).librarySettings.isEmpty)
    }

    /// `srun` without an interface that MPI knows starts tasks each of which believes to be alone.
    @Test func tasksOfSlurmThatAreStrangersAreRefused() {
        let task = ["SLURM_NTASKS": "4", "SLURM_PROCID": "2", "SLURM_STEP_ID": "0"]
        let error = #expect(throws: CommunicationError.self) {
            try Communicator(environment: LauncherEnvironment(task))
        }
        #expect(error?.description.contains("4 tasks") == true)
        #expect(error?.description.contains("--mpi=pmix") == true)
    }

    @Test(arguments: [
        // Inside `sbatch`, where mpirun is about to be called, or one process is to work alone.
        ["SLURM_NTASKS": "4", "SLURM_PROCID": "0"],
        ["SLURM_NTASKS": "4"],
        ["SLURM_NTASKS": "1", "SLURM_PROCID": "0", "SLURM_STEP_ID": "0"],
    ])
    func aSingleTaskOfSlurmMayWorkAlone(_ environment: [String: String]) throws {
        #expect(try Communicator(environment: LauncherEnvironment(environment)).size == 1)
    }
}
