import FileAccess

/// What `bana reproduce` can be told: the stages' configs, how much to train, and which figures are wanted.
package struct ReproductionConfiguration: Section {
    package static let about = "every key with its default"

    package var classifier = StageSettings()
    package var labels = StageSettings()
    package var segmenter = SegmenterStageSettings()
    package var segmenterV2 = SegmenterStageSettings()
    package var coco = StageSettings()
    @Key("overrides, as --set takes them, for the configs of all stages but coco") package var set: [String] = []
    @Key("part of the configs' iterations that every training gets", .positive(upTo: 1)) package var budget = 1.0
    @Key("tables of the papers", .each(.within(1...6))) package var tables = [1, 2, 3, 4, 5, 6]
    package var pooling = PoolingGridSettings()
    package var sweeps = SweepSettings()

    /// The defaults.
    package init() {}
}

extension ReproductionConfiguration {
    /// Reads a config; settings of the stages, such as `data.root=DIR`, are overrides like those of `set`.
    ///
    /// - Parameters:
    ///   - path: a YAML file; `nil` takes the defaults.
    ///   - overrides: `key.path=value`, keys of this configuration or of the stages'.
    /// - Throws: `InputError` naming file and line, key path, value and what is allowed.
    package init(contentsOf path: String?, settings overrides: [String]) throws {
        let own = Self().outline().members.map(\.name)
        let all = own + RunConfiguration().outline().members.map(\.name)
        func isOwn(_ override: String) -> Bool {
            let name = nearestName(to: String(override.prefix { !".=".contains($0) }), among: all)
            return name.map(own.contains) ?? false
        }
        try self.init(contentsOf: path, overrides: overrides.filter(isOwn))
        let forStages = overrides.filter { !isOwn($0) }
        var check = RunConfiguration()
        try check.apply(forStages)
        set += forStages
    }
}

/// A stage: its config, and what is changed in it.
package struct StageSettings: Section {
    package static let about = "a stage's config; without one, the cells that need it stay empty"

    @Key("a config as the stage's own command takes it") package var config: String? = nil
    @Key("overrides, as --set takes them") package var set: [String] = []

    /// No config.
    package init() {}
}

/// The segmenter's stage, v1 or v2.
package struct SegmenterStageSettings: Section {
    package static let about = "a segmenter's config; without one, the cells that need it stay empty"

    @Key("a config as the stage's own command takes it") package var config: String? = nil
    @Key("overrides, as --set takes them") package var set: [String] = []
    @Key("start weights: model.weights of the config, or the classifier that was trained for the labels")
    package var start = SegmenterStart.config

    /// No config.
    package init() {}
}

/// What the weights of a segmenter's trunk are before it is trained.
package enum SegmenterStart: String, Choice {
    /// What its config says.
    case config
    /// Those of the classifier that the labels come from.
    case classifier
}

/// `pooling:` the sizes of Table 6.
package struct PoolingGridSettings: Section {
    package static let about = "Table 6: a classifier for every pair"

    @Key("cells along a side of the background grid", .each(.within(1...1024))) package var grids = [1, 2, 3, 4, 5]
    @Key("pooled vectors along a side of a box", .each(.within(1...64))) package var rois = [1, 2, 3]

    /// The published ones.
    package init() {}
}

/// `sweeps:` settings whose influence is measured, one at a time; all else is as the configs say.
package struct SweepSettings: Section {
    package static let about = "values tried one at a time, each in a table of its own"

    @Key("loss.lambda, a segmenter each", .each(.atLeast(0))) package var lambda: [Double] = []
    @Key("loss.gamma, a segmenter each", .each(.atLeast(0))) package var gamma: [Double] = []
    @Key("model.temperature, a segmenter each", .each(.positive())) package var temperature: [Double] = []
    @Key("label.bg_threshold, labels of the validation images each", .each(.within(0...1)))
    package var bgThreshold: [Double] = []

    /// None.
    package init() {}
}
