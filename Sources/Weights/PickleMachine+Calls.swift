import FileAccess

// MARK: - Names and calls

extension PickleMachine {
    mutating func nameFromStack() throws {
        let words = try pop(2)
        guard case .text(let module) = words[0], case .text(let name) = words[1] else { throw damaged("no name") }
        stack.append(try self.name(module, name))
    }

    func name(_ module: String, _ name: String) throws -> PickleValue {
        let whole = "\(module).\(name)"
        guard !isOfTheSystem(module, name) else { throw moreThanTensors(whole) }
        return .name(whole)
    }

    /// Calls of nothing but what makes tensors and dictionaries.
    mutating func reduce(_ words: [PickleValue]) throws {
        if case .container(let index) = words[0], case .object(let name) = containers[index].kind {
            return make(.object(name))
        }
        guard case .name(let name) = words[0] else { throw damaged("a call") }
        guard let callable = PickleCallable(rawValue: name) else { return make(.object(name)) }
        let arguments = try items(of: words[1])
        switch callable {
        case .orderedDict: try makeDictionary(arguments)
        case .device: stack.append(.nothing)
        case .size:
            guard let list = arguments.first else { throw damaged("a size without numbers") }
            stack.append(list)
        case .parameter, .parameterWithState:
            guard let tensor = arguments.first else { throw damaged("a parameter without a tensor") }
            stack.append(tensor)
        case .subclass: try makeOfSubclass(arguments)
        case .oldTensor, .tensor, .typedTensor: try makeTensor(callable, arguments)
        }
    }

    /// `(function, class, arguments, attributes)`: a tensor that has attributes, or is of a class of its own.
    private mutating func makeOfSubclass(_ words: [PickleValue]) throws {
        guard words.count >= 3, case .name(let name) = words[0] else { throw damaged("a tensor without its maker") }
        switch PickleCallable(rawValue: name) {
        case .some(let callable) where callable.makesTensors: try makeTensor(callable, try items(of: words[2]))
        default: make(.object(name))
        }
    }
}

// MARK: - Tensors

extension PickleMachine {
    /// `("storage", class, key, device, count, part)`; of a layer's class, `("module", class, file, source)`.
    mutating func persistent() throws {
        let words = try items(of: try pop())
        if words.count >= 2, case .text("module") = words[0], case .name = words[1] { return stack.append(words[1]) }
        guard words.count >= 5, case .text("storage") = words[0], case .name(let name) = words[1],
            case .text(let key) = words[2]
        else { throw damaged("a storage that is not described") }
        let className = name.replacing("torch.cuda.", with: "torch.")
        if storages[key] == nil { storages[key] = className }
        stack.append(.storage(PickledStorage(className: className, key: key, part: try part(words.dropFirst(5).first))))
    }

    /// `(key, offset, count)` of a storage that is a part of another; the files of today have none.
    private func part(_ value: PickleValue?) throws -> (offset: Int, count: Int)? {
        guard let value, case .container = value else { return nil }
        let words = try items(of: value)
        guard words.count == 3, case .int(let offset) = words[1], case .int(let count) = words[2] else {
            throw damaged("a storage that is not described")
        }
        return (offset, count)
    }

    /// `(storage, offset, shape, strides, requires gradient, hooks, type)`; the type only where storages have none.
    private mutating func makeTensor(_ callable: PickleCallable, _ words: [PickleValue]) throws {
        guard words.count >= 4, case .storage(let storage) = words[0], case .int(let offset) = words[1] else {
            throw damaged("a tensor that is not described")
        }
        var type = storage.type
        if callable == .typedTensor {
            guard words.count > 6, case .name(let name) = words[6] else { throw damaged("a tensor without a type") }
            type = ElementType(pyTorch: name)
        }
        // Complex numbers and the like: not read, and mostly not asked for.
        guard let type else { return make(.object("tensor of \(storage.className)")) }
        stack.append(
            .tensor(
                PickledTensor(
                    storage: storage, type: type, offset: offset, shape: try integers(words[2]),
                    strides: try integers(words[3]))))
    }

    private func integers(_ value: PickleValue) throws -> [Int] {
        let items = try items(of: value)
        guard items.count <= PickleMachine.maxDimensions else { throw damaged("a tensor of \(items.count) dimensions") }
        return try items.map {
            guard case .int(let number) = $0 else { throw damaged("a size that is not an integer") }
            return number
        }
    }
}
