import Foundation
import TensorCore
import TestSupport
import Testing

/// Limits as kernels of both versions show them.
@Suite struct ControlGroupsTests {
    private func groups(_ files: [String: String], membership: String) throws -> ControlGroups {
        try withTemporaryFolder { folder in
            for (name, text) in files { _ = try write(text, to: name, in: folder) }
            return ControlGroups(root: folder, membership: try write(membership, to: "membership", in: folder))
        }
    }

    @Test func theLeastLimitOfAllGroupsAboveHolds() throws {
        let found = try groups(
            [
                "a/b/cpu.max": "250000 100000\n", "a/cpu.max": "150000 100000\n", "cpu.max": "max 100000\n",
                "a/b/memory.max": "max\n", "a/memory.max": "1000\n", "a/memory.current": "700\n",
                "a/memory.stat": "anon 500\ninactive_file 150\n", "memory.max": "5000\n", "memory.current": "4900\n",
            ], membership: "0::/a/b\n")
        #expect(found.cores == 1.5)
        #expect(found.memory == 1000)
        #expect(found.memoryLeft == 100)
    }

    @Test func aContainerSeesItsOwnGroupAtTheRoot() throws {
        let found = try groups(
            ["cpu.max": "50000 100000\n", "memory.max": "64\n", "memory.current": "65\n"],
            membership: "0::/system.slice/docker-1.scope\n")
        #expect(found.cores == 0.5)
        #expect(found.memoryLeft == 0)
    }

    @Test func versionOneHasAFolderForEachController() throws {
        let found = try groups(
            [
                "cpu,cpuacct/job/cpu.cfs_quota_us": "400000\n", "cpu,cpuacct/job/cpu.cfs_period_us": "100000\n",
                "cpu,cpuacct/cpu.cfs_quota_us": "-1\n", "cpu,cpuacct/cpu.cfs_period_us": "100000\n",
                "memory/job/memory.limit_in_bytes": "9000\n", "memory/job/memory.usage_in_bytes": "1000\n",
                "memory/job/memory.stat": "total_inactive_file 400\n",
                "memory/memory.limit_in_bytes": "9223372036854771712\n", "memory/memory.usage_in_bytes": "1\n",
            ], membership: "4:memory:/job\n3:cpu,cpuacct:/job\n")
        #expect(found.cores == 4)
        #expect(found.memory == 9000)
        #expect(found.memoryLeft == 8400)
    }

    @Test(arguments: ["", "nonsense\n0\n", "0::/\n", "0::/none\n"])
    func withoutLimitsThereAreNone(_ membership: String) throws {
        let found = try groups(["cpu.max": "max 100000\n", "memory.max": "max\n"], membership: membership)
        #expect(found.cores == nil && found.memory == nil && found.memoryLeft == nil)
    }
}
