import Annotations
import Configuration
import DenseCRF
import FileAccess
import Layers
import TestSupport
import Testing

/// Every key at a value that is not its default.
let everyKey = """
    seed: 7
    data:
      format: coco
      root: data/coco
      split: train2017
      validation: val2017
      classes: [ring, "two words", cross]
      annotations: annotations/instances_train2017.json
      images: train2017
      crop: 0
      scale: [1, 2.5]
      flip: 0
      jitter: {brightness: 0.25, contrast: 0, saturation: 1}
      shuffle: false
      normalize: torchvision
      labels: {crf: a/Y_crf, ret: a/Y_ret}
    model:
      trunk: resnet50
      width: 0.125
      fc: false
      dropout: 0
      weights: weights/start.safetensors
      classes: coco
      pooling: gap
      grid: 1
      roi: 3
      head: aspp
      temperature: 10.5
      precision: bfloat16
      batch_norm: {mode: global, momentum: 0.999}
      stride: torchvision
    loss: {kind: bootstrapping, lambda: 0.2, gamma: 3, detach_sigma: true}
    solver:
      iterations: 20000
      batch: 10
      micro_batch: 2
      lr: 2.5e-5
      momentum: 0
      weight_decay: 0
      schedule: {kind: poly, milestones: [1, 10], factor: 0.5, power: 2}
      multipliers: {pretrained_weight: 0, pretrained_bias: 0, new_weight: 1, new_bias: 1.5}
      decay_biases: true
      gradient_exchange: bfloat16
    label:
      split: val
      background: cam
      foreground: class_agnostic
      bg_threshold: 0.9
      crf: [1, 2, 3, 4, 5]
      outputs: [Y_ret]
    evaluate: {scales: [1], flip: false, crf: [4, 67, 3, 3, 1]}
    checkpoint: {minutes: 0.5, iterations: 0, keep: 1}
    """

@Suite struct ReadingTests {
    @Test func defaultsAreThePublishedClassifier() throws {
        let config = RunConfiguration()
        #expect(config.seed == 13)
        #expect(config.data.crop == 321)
        #expect(config.data.scale == 0.5...1.5)
        #expect(config.model.weights == nil)
        #expect(config.solver.lr == 1e-3)
        #expect(config.solver.schedule.milestones == [5000])
        #expect(config.label.outputs == [.crf, .retrieval, .agreement])
        #expect(config.evaluate.scales == [1, 0.5, 0.75, 1.5])
        #expect(try RunConfiguration(yaml: "") == config)
        #expect(try RunConfiguration(yaml: "# nothing but a comment\n") == config)
    }

    @Test func everyKeyIsRead() throws {
        let config = try RunConfiguration(yaml: everyKey)
        #expect(config.data.classes.names == ["background", "ring", "two words", "cross"])
        #expect(config.data.jitter.saturation == 1)
        #expect(config.data.labels.ret == "a/Y_ret")
        #expect(config.model.classes == .coco)
        #expect(config.model.batchNorm.mode == .global)
        #expect(config.model.batchNorm.momentum == 0.999)
        #expect(config.loss.detachSigma)
        #expect(config.solver.lr == 2.5e-5)
        #expect(config.solver.schedule.kind == .poly)
        #expect(config.solver.multipliers.newBias == 1.5)
        #expect(config.label.crf == CRFParameters([1, 2, 3, 4, 5]))
        #expect(config.label.outputs == [.retrieval])
        #expect(config.checkpoint.minutes == 0.5)
        for command in Command.allCases {
            let keys = Set(config.differences(from: RunConfiguration(), for: command).map(\.path))
            let lines = config.resolvedYAML(for: command).split(separator: "\n").filter { !$0.hasSuffix(":") }
            #expect(keys.count == lines.count, "a key of `everyKey` has its default value")
        }
    }

    @Test func aCopyIsIndependent() {
        let original = RunConfiguration()
        var copy = original
        copy.solver.batch = 3
        copy.data.jitter.contrast = 0
        #expect(original == RunConfiguration())
        #expect(copy.solver.batch == 3)
        #expect(copy != original)
    }

    @Test func overridesOfACopyLeaveTheOriginalAlone() throws {
        let original = RunConfiguration()
        var copy = original
        try copy.apply(["seed=7", "data.jitter.contrast=0"])
        #expect(copy.seed == 7)
        #expect(original == RunConfiguration())
    }

    @Test func aFailedOverrideChangesNothing() throws {
        var config = RunConfiguration()
        #expect(throws: InputError.self) { try config.apply(["seed=7", "seed=x"]) }
        #expect(config == RunConfiguration())
    }

    /// Ten levels of nine aliases each: three billion values in 350 bytes.
    @Test(.timeLimit(.minutes(1))) func aliasesCannotFillTheMemory() {
        let levels = zip("abcdefghi", "bcdefghij").map { below, name in
            "\(name): &\(name) [\(Array(repeating: "*\(below)", count: 9).joined(separator: ","))]"
        }
        let yaml = (["a: &a [x,x,x,x,x,x,x,x,x]"] + levels).joined(separator: "\n")
        let said = message { _ = try RunConfiguration(yaml: yaml) }
        #expect(said.contains("more than 100000 values, those that aliases stand for counted each time"), "\(said)")
        #expect(throws: Never.self) { try RunConfiguration(yaml: "data: {classes: &c [a, b]}\nmodel: {classes: *c}") }
    }

    @Test func wceIsTheNoiseAwareLoss() throws {
        #expect(try RunConfiguration(yaml: "loss: {kind: wce}").loss.kind == .noiseAware)
    }

    @Test(arguments: [
        ("crop: 5", "line 1: unknown key crop; did you mean data.crop?"),
        ("solver:\n  lr: 1\n  iteration: 5", "line 3: unknown key solver.iteration; did you mean solver.iterations?"),
        (
            "model: {batch_norm: {momentun: 1}}",
            "line 1: unknown key model.batch_norm.momentun; did you mean model.batch_norm.momentum?"
        ),
        ("data.flip: 0.3", "line 1: unknown key data.flip; nest it: data: {flip: ...}"),
        (
            "data:\n  jitter.contrast: 0.3",
            "line 2: unknown key data.jitter.contrast; nest it: data: {jitter: {contrast: ...}}"
        ),
        ("solver: {<<: {lr: 1}}", "line 1: unknown key solver.<<; merge keys are not read: write the keys here"),
        ("solvr: {lr: 1}", "line 1: unknown key solvr; did you mean solver?"),
        ("data:\n  [1]: 2", "line 2: unknown key data.[1]; did you mean data.labels.crf?"),
        ("\nmodel:\n  width: 0", "line 3: model.width is 0; it wants a number above 0 and up to 16"),
        (
            "model:\n  trunk: vgg17",
            "line 2: model.trunk is vgg17; it wants vgg16 | vgg16_bn | resnet14 | resnet26 | resnet50 | resnet101"
        ),
        ("solver: {batch: 2.5}", "line 1: solver.batch is 2.5; it wants a whole number from 1 to 1000000"),
        ("solver: {batch: '2'}", "line 1: solver.batch is \"2\"; it wants a whole number from 1 to 1000000"),
        ("solver: {lr: fast}", "line 1: solver.lr is fast; it wants a number of at least 0"),
        ("solver: {lr: .nan}", "line 1: solver.lr is .nan; it wants a number of at least 0"),
        ("solver: {lr: 1e999}", "line 1: solver.lr is 1e999; it wants a number of at least 0"),
        (
            "solver: {schedule: {milestones: [3, 3]}}",
            "line 1: solver.schedule.milestones is [3, 3]; "
                + "it wants a list, each a whole number of at least 0, in ascending order"
        ),
        (
            "solver: {gradient_exchange: float16}",
            "line 1: solver.gradient_exchange is float16; it wants float32 | bfloat16"
        ),
        ("data: {crop: -1}", "line 1: data.crop is -1; it wants a whole number from 0 to 16384"),
        ("data: {shuffle: yes}", "line 1: data.shuffle is yes; it wants true or false"),
        ("data: {root: }", "line 1: data.root is null; it wants text"),
        (
            "data: {scale: [2, 1]}",
            "line 1: data.scale is [2, 1]; "
                + "it wants [lowest, highest] in ascending order, each a number above 0 and up to 16"
        ),
        (
            "data: {classes: [cat, cat]}",
            "line 1: data.classes is [cat, cat]; "
                + "it wants voc | coco | up to 254 names, none twice, background implied"
        ),
        (
            "data: {labels: [a, b]}",
            "line 1: data.labels is [a, b]; it wants keys with values, such as `crf: ...`"
        ),
        ("loss:", "line 1: loss is null; it wants keys with values, such as `kind: ...`"),
        ("[1, 2]", "line 1: the config is [1, 2]; it wants keys with values, such as `seed: ...`"),
        (
            "label: {crf: [4, 55, 3, 3]}",
            "line 1: label.crf is [4, 55, 3, 3]; it wants [bi_weight, bi_xy_std, bi_rgb_std, gauss_weight, "
                + "gauss_xy_std], weights of at least 0 and widths above 0"
        ),
        (
            "label: {outputs: [Y_crf, Y_crf]}",
            "line 1: label.outputs is [Y_crf, Y_crf]; "
                + "it wants a list, each u0 | u_c | Y_crf | Y_ret | Y_and | confidence (at least one, none twice)"
        ),
        (
            "evaluate: {scales: []}",
            "line 1: evaluate.scales is []; it wants a list, each a number above 0 and up to 16, at least one"
        ),
        ("seed: 1\nseed: 2", "line 1: seed given twice; keep one"),
    ])
    func errorsNameLineKeyValueAndRemedy(_ yaml: String, _ message: String) throws {
        #expect(TestSupport.message { try RunConfiguration(yaml: yaml) } == message)
    }

    @Test(arguments: ["a: b: c", "data: [1", "\"", "a: &x *x", "- \t- a", "*undefined", "!!binary x: [", "\u{1}"])
    func brokenYAMLIsAnInputError(_ yaml: String) {
        #expect(throws: InputError.self) { try RunConfiguration(yaml: yaml) }
    }

    @Test func deepNestingIsAnInputError() {
        let yaml = "data: " + String(repeating: "[", count: 100_000)
        #expect(throws: InputError.self) { try RunConfiguration(yaml: yaml) }
    }
}

@Suite struct OverrideTests {
    @Test func overridesAreTypedByTheSchema() throws {
        let config = try RunConfiguration(
            contentsOf: nil,
            overrides: [
                "solver.batch=4", "data.scale=[1, 1]", "data.split=2007", "solver.schedule={kind: poly, power: 2}",
                "model.weights=a=b.safetensors", "solver.batch=6", "data.labels={crf: x}", "solver.lr=1e-5",
            ], for: .trainClassifier)
        #expect(config.solver.batch == 6)
        #expect(config.data.scale == 1...1)
        #expect(config.data.split == "2007")
        #expect(config.solver.schedule.kind == .poly)
        #expect(config.solver.schedule.power == 2)
        #expect(config.solver.schedule.factor == 0.1)
        #expect(config.model.weights == "a=b.safetensors")
        #expect(config.data.labels.crf == "x")
        #expect(config.solver.lr == 1e-5)
    }

    @Test func overridesComeAfterTheFile() throws {
        try withTemporaryFolder { folder in
            let path = try write("solver: {batch: 5, lr: 1}\nmodel: {weights: w}", to: "a.yaml", in: folder)
            let config = try RunConfiguration(
                contentsOf: path, overrides: ["solver.lr=0.5", "model.weights="], for: .trainClassifier)
            #expect(config.solver.batch == 5)
            #expect(config.solver.lr == 0.5)
            #expect(config.model.weights == nil)
        }
    }

    @Test(arguments: [
        ("solver.lr", "--set solver.lr: no value given; write --set key.path=value"),
        ("=1", "--set =1: no value given; write --set key.path=value"),
        ("solver.rl=1", "--set solver.rl=1: unknown key solver.rl; did you mean solver.lr?"),
        ("solver..lr=1", "--set solver..lr=1: unknown key solver.; did you mean solver.lr?"),
        ("seed.x=1", "--set seed.x=1: seed is {x: 1}; it wants a whole number from 0 to 4294967295"),
        ("solver=1", "--set solver=1: solver is 1; it wants keys with values, such as `iterations: ...`"),
        ("data.crop=big", "--set data.crop=big: data.crop is big; it wants a whole number from 0 to 16384"),
    ])
    func wrongOverridesSaySo(_ override: String, _ message: String) {
        let actual = TestSupport.message {
            try RunConfiguration(contentsOf: nil, overrides: [override], for: .checkData)
        }
        #expect(actual == message)
    }

    @Test func anOverrideOfBrokenYAMLIsAnInputError() {
        #expect(throws: InputError.self) {
            try RunConfiguration(contentsOf: nil, overrides: ["data.scale=[1"], for: .checkData)
        }
    }
}
