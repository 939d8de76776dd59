/// `checkpoint:` how often a run is saved; whichever of time and iterations comes first.
package struct CheckpointSettings: Section {
    package static let about = "how often a run is saved; whichever comes first"
    package static let users: Set<Command>? = .training

    @Key("minutes between checkpoints; 0: not by time", .atLeast(0)) package var minutes = 10.0
    @Key("iterations between checkpoints; 0: not by iterations", .within(0...1_000_000_000)) package var iterations =
        500
    @Key("number of checkpoints kept", .within(1...1_000_000)) package var keep = 3

    /// The defaults.
    package init() {}
}
