/// Everything a run can be told: one struct for all commands, each of which uses some of the sections.
package struct RunConfiguration: Section {
    package static let about = "every key with its default"
    package static let users: Set<Command>? = .training

    @Key("start of all random numbers", .within(0...0xFFFF_FFFF)) package var seed = 13
    package var data = DataSettings()
    package var model = ModelSettings()
    package var loss = LossSettings()
    package var solver = SolverSettings()
    package var label = LabelSettings()
    package var evaluate = EvaluationSettings()
    package var checkpoint = CheckpointSettings()

    /// The defaults.
    package init() {}
}
