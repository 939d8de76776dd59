import FileAccess
import TestSupport
import Testing

@Suite struct ReproduceTests {
    @Test func thePlanNamesEachRunOnceAndWritesNothing() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.putReproduction()
            let outcome = try workplace.run(
                "reproduce --config tables.yaml --run run --plan --set tables=[1,5,6] --set "
                    + "pooling.grids=[1,4] --set pooling.rois=[2] --set sweeps.gamma=[7,1] --set "
                    + "sweeps.bg_threshold=[0.99,0.5]")
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(
                outcome.output == """
                    state  run                          work                            needed by
                    to do  classifier-bap               train classifier, 2 iterations
                    to do  labels-bap-val               label val                       Table 1, Table 6, Background threshold
                    to do  labels-bap-train             label train
                    to do  segmenter-nal                train segmenter, 2 iterations   Table 5, Exponent of the confidence
                    to do  classifier-gap               train classifier, 2 iterations
                    to do  labels-gap-without-u0-val    label val                       Table 1
                    to do  labels-gap-val               label val                       Table 1
                    to do  labels-bap-without-u0-val    label val                       Table 1
                    to do  segmenter-baseline           train segmenter, 2 iterations   Table 5
                    to do  segmenter-entropy            train segmenter, 2 iterations   Table 5
                    to do  segmenter-bootstrapping      train segmenter, 2 iterations   Table 5
                    to do  classifier-grid1-roi2        train classifier, 2 iterations
                    to do  labels-grid1-roi2-val        label val                       Table 6
                    to do  segmenter-nal-gamma1         train segmenter, 2 iterations   Exponent of the confidence
                    to do  labels-bap-threshold0.5-val  label val                       Background threshold

                    """)
            #expect(!exists(join(folder, "run")))
        }
    }

    @Test func aPlanCanBeMadeBeforeWeightsAndDataAreThere() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.putReproduction()
            let missing = "--set tables=[1] --set data.root=nowhere --set model.weights=none.safetensors"
            let plan = try workplace.run("reproduce --config tables.yaml --run run --plan " + missing)
            #expect(plan.code == 0, "\(plan.errors)")
            #expect(plan.output.contains("to do  classifier-bap"))
            let problems = plan.output.split(separator: "\n").filter { $0.hasPrefix("not ready: ") }
            #expect(problems.contains { $0.contains("nowhere/ImageSets") }, "\(plan.output)")
            #expect(
                problems.contains("not ready: none.safetensors: cannot read the start weights; correct model.weights"))
            #expect(Set(problems).count == problems.count)
            let run = try workplace.run("reproduce --config tables.yaml --run run " + missing)
            #expect(run.code == 65 && run.errors.contains("none.safetensors"), "\(run.errors)")
            #expect(!exists(join(folder, "run")))
        }
    }

    @Test(arguments: [
        ("solver.rl=1", "unknown key solver.rl; did you mean solver.lr?"),
        ("budgte=1", "unknown key budgte; did you mean budget?"),
        ("data.crop=big", "data.crop is big; it wants a whole number from 0 to 16384"),
    ])
    func overridesOfTheStagesAreCheckedAsTheirOwn(_ override: String, _ message: String) throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.putReproduction()
            let outcome = try workplace.run("reproduce --config tables.yaml --run run --plan --set \(override)")
            #expect(outcome.code == 65)
            #expect(outcome.errors == "bana: error: --set \(override): \(message)\n")
        }
    }
}
