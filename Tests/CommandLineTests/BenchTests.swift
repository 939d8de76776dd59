import FileAccess
import Foundation
import TestSupport
import Testing

@Suite struct BenchTests {
    private func run(_ arguments: [String], in folder: String) throws -> (output: String, json: [String: Any]) {
        let outcome = try Program(folder: folder).run(["bench"] + arguments + ["--repeats", "2", "--json", "b.json"])
        try #require(outcome.code == 0, "\(outcome.errors)")
        let json = try JSONSerialization.jsonObject(with: readFile(join(folder, "b.json")))
        return (outcome.output, try #require(json as? [String: Any]))
    }

    /// After its first step training takes nothing more from the heap; all comes from the workspace.
    @Test func aStepLeavesTheHeapAsItWas() throws {
        try withTemporaryFolder { folder in
            let (output, json) = try run(["step", "--size", "65", "--batch", "1"], in: folder)
            let results = try #require(json["results"] as? [String: Any])
            let growth = try #require(results["heapGrowthBytes"] as? Int)
            #expect(growth < 64 << 10, "\(growth) bytes more")
            #expect(output.contains("backbone.conv1_2 ") && output.contains("SGD"))
        }
    }

    @Test func layersAreThoseOfTheList() throws {
        try withTemporaryFolder { folder in
            let list = "batch: 1\nlayers:\n  - {name: small, size: 9, kernel: 3, inputs: 4, outputs: 5, times: 2}\n"
            _ = try write(list, to: "shapes.yaml", in: folder)
            let (output, json) = try run(["layers", "shapes.yaml"], in: folder)
            let results = try #require(json["results"] as? [[String: Any]])
            #expect(results.count == 1 && results[0]["name"] as? String == "small")
            #expect((results[0]["passes"] as? [Any])?.count == 3)
            #expect(output.contains("weight gradient"))
        }
    }

    @Test(arguments: [
        ("layers: []", "has no batch"), ("batch: 1\nlayers: [{name: a, size: 9}]", "has no kernel"),
        ("batch: 1\nlayers: [{name: a, size: 1, kernel: 3, inputs: 0, outputs: 2}]", "no such convolution"),
        ("batch: x\nlayers: []", "cannot be read"), ("batch: [", "shapes.yaml"),
    ])
    func aBadListIsExplained(_ list: String, _ problem: String) throws {
        try withTemporaryFolder { folder in
            _ = try write(list, to: "shapes.yaml", in: folder)
            let outcome = try Program(folder: folder).run(["bench", "layers", "shapes.yaml"])
            #expect(outcome.code == 65)
            #expect(outcome.errors.contains(problem), "\(outcome.errors)")
        }
    }

    @Test func oneProcessHasNobodyToExchangeWith() throws {
        try withTemporaryFolder { folder in
            let outcome = try Program(folder: folder).run(["bench", "exchange"])
            #expect(outcome.code == 65)
            #expect(outcome.complaint.contains("launch/run -n 2"), "\(outcome.errors)")
        }
    }

    @Test func aPythonWithoutTorchIsExplained() throws {
        try withTemporaryFolder { folder in
            let arguments = ["bench", "crf", "--channels", "2", "--repeats", "1", "--torch", "/bin/false"]
            let outcome = try Program(folder: folder).run(arguments)
            #expect(outcome.code == 65)
            #expect(outcome.complaint.contains("--torch"), "\(outcome.errors)")
        }
    }
}
