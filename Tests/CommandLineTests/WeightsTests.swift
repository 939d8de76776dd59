import FileAccess
import TestSupport
import Testing
import Weights

@Suite struct WeightsCommandTests {
    @Test func inspectingListsWhatAFileHolds() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.copy(fixture("weights/checkpoint.pth"), to: "checkpoint.pth")
            let outcome = try workplace.run("weights inspect checkpoint.pth")
            #expect(outcome.code == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
            let lines = outcome.output.split(separator: "\n").map(String.init)
            #expect(lines[0] == "tensor                 shape          type  norm")
            #expect(lines[1] == "0.weight               2 x 1 x 3 x 3  F32   2.12132")
            #expect(lines[7] == "1.num_batches_tracked                 I64   -")
            #expect(lines[8] == "7 tensors of 29 numbers")
            #expect(lines[9] == "these are the tensors of 'model'")
            #expect(
                lines[10]
                    == "7 have names of no network here: 0.weight, 0.bias, 1.weight, 1.bias, 1.running_mean and 2 more")
        }
    }

    /// Of a training's checkpoint in either format the model's tensors are taken, and it is said that they are.
    @Test(arguments: ["training.pth", "training-old.pth"]) func checkpointsAreConverted(_ name: String) throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.copy(fixture("weights/\(name)"), to: name)
            let inspected = try workplace.run("weights inspect \(name)")
            #expect(inspected.output.contains("these are the tensors of 'model/state_dict', not of 'averages'"))
            #expect(inspected.output.contains("7 have the reference's names"))
            let outcome = try workplace.run("weights convert \(name) out.safetensors")
            #expect(outcome.code == 0 && outcome.errors.contains("they are tensors of 'model/state_dict'"))
            #expect(
                outcome.errors.contains(
                    "left out, having no such name or no floats: "
                        + "module._orig_mod.backbone.conv1_1_bn.num_batches_tracked"))
            #expect(try openWeights(join(folder, "out.safetensors")).tensors.count == 6)
        }
    }

    /// A model goes to torchvision's names and back, and trains on: nothing of its trunk is lost.
    @Test(arguments: ["vgg16", "resnet14"]) func modelsTravel(_ trunk: String) throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            let train = "train classifier --config classifier.yaml --set solver.iterations=1 --set model.trunk=\(trunk)"
            try workplace.expectSuccess(train + " --run run")
            let model = "run/model.safetensors"
            let there = try workplace.run("weights convert \(model) there.safetensors --names torchvision")
            #expect(there.code == 0, "\(there.errors)")
            #expect(there.complaint.contains("left out, having no such name or no floats: "))
            #expect(there.complaint.contains("classifier.weight"))
            let inspected = try workplace.run("weights inspect there.safetensors")
            #expect(inspected.output.contains("have torchvision's names"))
            #expect(!inspected.output.contains("the reference's"))
            try workplace.expectSuccess("weights convert there.safetensors back.safetensors")
            let (before, after) = (
                try openWeights(join(folder, model)), try openWeights(join(folder, "back.safetensors"))
            )
            for tensor in after.tensors {
                let entry = try #require(before.tensors.first { $0.name == tensor.name })
                #expect(try before.floats(of: entry) == after.floats(of: tensor))
            }
            let again = try workplace.run(train + " --run again --set model.weights=there.safetensors")
            #expect(again.code == 0 && again.errors.contains("there.safetensors sets \(after.tensors.count) tensors"))
        }
    }

    @Test func aClassifierOfOtherClassesIsDrawnAnewAndSaid() throws {
        try withTemporaryFolder { folder in
            let workplace = try Workplace(folder)
            try workplace.makeModel("start.safetensors")
            // The images' classes, and one that none of them shows.
            let names =
                "[aeroplane, bicycle, bird, boat, bottle, bus, car, cat, chair, cow, diningtable, dog, horse, motorbike,"
                + " person, pottedplant, sheep, sofa, train, tvmonitor, lamp]"
            let flags = "--run run --set solver.iterations=1 --set model.weights=start.safetensors --set"
            let words = "train classifier --config classifier.yaml \(flags)".split(separator: " ").map(String.init)
            let outcome = try Program(folder: folder).run(words + ["data.classes=\(names)"])
            #expect(outcome.code == 0, "\(outcome.errors)")
            #expect(outcome.errors.contains("classifier.weight of 21 classes in place of 22: drawn anew"))
            let model = try openWeights(join(folder, "run/model.safetensors"))
            #expect(model.tensors.first { $0.name == "classifier.weight" }?.shape[0] == 22)
        }
    }
}
