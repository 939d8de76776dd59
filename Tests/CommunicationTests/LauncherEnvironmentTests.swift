import Communication
import Testing

@Suite struct LauncherEnvironmentTests {
    /// MPI may not start where nobody launched it: it can hang, or fail, on a laptop's network.
    @Test func aProcessOfItsOwnIsNoJob() throws {
        #expect(!LauncherEnvironment([:]).isMPIJob)
        let alone = try Communicator(environment: LauncherEnvironment(["HOME": "/root", "SLURM_JOB_ID": "7"]))
        #expect((alone.rank, alone.size, alone.ranksOnHost) == (0, 1, 1))
    }

    @Test(arguments: ["OMPI_COMM_WORLD_SIZE", "PMIX_RANK", "PMI_RANK"])
    func aLauncherIsKnownByItsVariables(_ name: String) {
        #expect(LauncherEnvironment([name: "0"]).isMPIJob)
    }

    @Test func theRanksOfAHostShareItsCores() {
        #expect(LauncherEnvironment(["OMPI_COMM_WORLD_LOCAL_SIZE": "4"]).localSize == 4)
        #expect(LauncherEnvironment(["OMPI_COMM_WORLD_LOCAL_SIZE": "many"]).localSize == nil)
        #expect(LauncherEnvironment([:]).localSize == nil)
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
