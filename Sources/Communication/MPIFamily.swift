/// Implementations of MPI that share one binary interface: what was compiled for one runs with the others.
package enum MPIFamily: String, CaseIterable, Sendable {
    /// Open MPI 4 and 5.
    case openMPI = "openmpi"
    /// MPICH and its kin: Intel's, Cray's, MVAPICH.
    case mpich
    /// The interface that the MPI 5 standard fixes, for every implementation that has it.
    case standard = "abi"

    /// What the family is called.
    package var name: String {
        switch self {
        case .openMPI: "Open MPI"
        case .mpich: "MPICH"
        case .standard: "the MPI 5 ABI"
        }
    }

    /// The file that `launch/shim` makes for it.
    package var shimName: String { "libbana-mpi-\(rawValue).so" }

    /// The names that the implementations' own libraries go by. A shim that was made elsewhere does not say where its MPI
    /// lies.
    var libraryNames: [String] {
        switch self {
        case .openMPI: ["libmpi.so.40"]
        case .mpich: ["libmpi.so.12", "libmpich.so.12", "libmpi_cray.so.12", "libmpi_gnu.so.12"]
        case .standard: ["libmpi_abi.so.1", "libmpi_abi.so.0"]
        }
    }
}
