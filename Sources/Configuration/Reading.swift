import FileAccess
import Foundation

extension RunConfiguration {
    /// Reads a config for a command: the file over the defaults, the overrides over the file, in their order.
    ///
    /// - Parameters:
    ///   - path: a YAML file; `nil` takes the defaults.
    ///   - overrides: `key.path=value`, the value in YAML's flow style.
    /// - Throws: `InputError` naming file and line, key path, value and what is allowed.
    package init(contentsOf path: String?, overrides: [String] = [], for command: Command) throws {
        try self.init(contentsOf: path, overrides: overrides)
        do {
            try validate(for: command)
        } catch let error as InputError {
            throw path.map(error.inFile) ?? error
        }
    }
}

extension Section {
    /// Reads a config, without the checks of one key against another.
    ///
    /// - Parameters:
    ///   - path: a YAML file; `nil` takes the defaults.
    ///   - overrides: `key.path=value`, the value in YAML's flow style.
    /// - Throws: `InputError` naming file and line, key path, value and what is allowed.
    package init(contentsOf path: String?, overrides: [String] = []) throws {
        self.init()
        do {
            if let path { try read(try text(of: path)) }
        } catch let error as InputError {
            throw path.map(error.inFile) ?? error
        }
        try apply(overrides)
    }

    /// Sets keys to other values.
    ///
    /// - Parameter overrides: `key.path=value`, the value in YAML's flow style.
    /// - Throws: `InputError` naming the override and what is allowed.
    package mutating func apply(_ overrides: [String]) throws {
        let changed = detached()
        for override in overrides { try changed.read(override: override) }
        self = changed
    }

    /// Reads a config from text, without the checks that depend on a command.
    ///
    /// - Throws: `InputError` naming line, key path, value and what is allowed.
    package init(yaml: String) throws {
        self.init()
        try read(yaml)
    }

    /// Writes to the keys in place: for a section that nobody else has seen yet.
    private func read(_ yaml: String) throws {
        guard let document = try YAMLNode.parse(yaml) else { return }
        try outline().read(document)
    }

    private func read(override: String) throws {
        let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        do {
            guard parts.count == 2, !parts[0].isEmpty else {
                throw InputError("no value given", remedy: "write --set key.path=value")
            }
            let value = try YAMLNode.parse(String(parts[1])) ?? .null
            let names = parts[0].split(separator: ".", omittingEmptySubsequences: false)
            try outline().read(names.reversed().reduce(value) { YAMLNode(key: String($1), value: $0) })
        } catch var error as InputError {
            error.place = "--set \(shortened(override, limit: 80))"
            throw error
        }
    }
}

private func text(of path: String) throws -> String {
    guard let text = String(data: try advising("correct --config") { try readFile(path) }, encoding: .utf8) else {
        throw InputError("not UTF-8 text", remedy: "save it as UTF-8")
    }
    return text
}

extension Outline {
    /// Takes the values of `node`, and of the whole node or nothing but an error.
    fileprivate func read(_ node: YAMLNode, within all: [Outline]? = nil) throws {
        let all = all ?? descendants
        switch (content, node.content) {
        case (.key(let entry), _):
            guard entry.read(node) else {
                throw error("\(dottedPath) is \(shown(node))", "it wants \(entry.form)", node)
            }
        case (.section, .map(let pairs)):
            for (key, value) in pairs {
                let name = key.string ?? key.description
                guard let member = members.first(where: { $0.name == name }) else { throw unknown(key, name, all) }
                try member.read(value, within: all)
            }
        case (.section, _):
            let subject = path.isEmpty ? "the config" : dottedPath
            let example = members.first?.name ?? ""
            throw error("\(subject) is \(shown(node))", "it wants keys with values, such as `\(example): ...`", node)
        }
    }

    /// Names the known key most like the unknown one, preferring those of this section.
    private func unknown(_ key: YAMLNode, _ name: String, _ all: [Outline]) -> InputError {
        let candidates = members + all
        let closest = candidates.min { editDistance(name, $0.name) < editDistance(name, $1.name) }
        let dotted = (path + [name]).joined(separator: ".")
        let remedy =
            name == "<<"
            ? "merge keys are not read: write the keys here"
            : nested(dotted, all) ?? closest.map { "did you mean \($0.dottedPath)?" } ?? ""
        return error("unknown key \(shortened(dotted, limit: 80))", remedy, key)
    }

    /// How to write a key whose whole path was given in one: `nest it: data: {flip: ...}`; `nil` if it was not.
    private func nested(_ dotted: String, _ all: [Outline]) -> String? {
        guard let meant = all.first(where: { $0.dottedPath == dotted }) else { return nil }
        let names = meant.path.dropLast().reversed()
        return "nest it: " + names.reduce("\(meant.name): ...") { "\($1): {\($0)}" }
    }

    private func shown(_ node: YAMLNode) -> String { shortened(node.description, limit: 80) }

    private func error(_ problem: String, _ remedy: String, _ node: YAMLNode) -> InputError {
        InputError(problem, at: node.line.map { "line \($0)" }, remedy: remedy)
    }
}
