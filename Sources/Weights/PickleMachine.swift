import FileAccess
import Foundation

/// Follows the few instructions that a pickle of tensors is written in.
///
/// A pickle is a program: general ones may call any code. This machine knows dictionaries, lists, numbers, texts and
/// tensors, calls nothing, and refuses the rest by name; see Python's `pickletools` for the instructions.
struct PickleMachine {
    private var reader: ByteReader
    private var stack: [PickleValue] = []
    /// Heights of the stack that instructions will go back to.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private(set) var containers: [PickleContainer] = []

    /// PyTorch's own limit.
    private static let maxDimensions = 64

    init(_ pickle: Data) { reader = ByteReader(pickle) }

    /// Runs to the end and returns what is left.
    ///
    /// - Throws: `InputError` for anything but tensors, and for a damaged pickle.
    mutating func run() throws -> PickleValue {
        while true {
            let code = UInt8(truncatingIfNeeded: try reader.integer(UInt8.self))
            guard let instruction = Instruction(rawValue: code) else {
                throw damaged("the unknown instruction 0x\(String(code, radix: 16))")
            }
            if instruction == .stop { return try pop() }
            try follow(instruction)
        }
    }

    private mutating func follow(_ instruction: Instruction) throws {
        switch instruction {
        case .stop: break
        case .proto: _ = try reader.take(1)
        case .frame: _ = try reader.take(8)
        case .mark: marks.append(stack.count)
        case .none: stack.append(.nothing)
        case .newTrue: stack.append(.bool(true))
        case .newFalse: stack.append(.bool(false))
        case .binInt: stack.append(.int(try reader.integer(Int32.self)))
        case .binInt1: stack.append(.int(try reader.integer(UInt8.self)))
        case .binInt2: stack.append(.int(try reader.integer(UInt16.self)))
        case .long1: stack.append(try longInteger())
        case .binFloat:
            _ = try reader.take(8)
            stack.append(.nothing)
        case .binUnicode: stack.append(.text(try reader.text(try reader.integer(UInt32.self))))
        case .shortBinUnicode: stack.append(.text(try reader.text(try reader.integer(UInt8.self))))
        case .binUnicode8: stack.append(.text(try reader.text(try reader.integer(UInt64.self))))
        case .emptyDict: make([], isDictionary: true)
        case .emptyList, .emptyTuple: make([])
        case .tuple: make(try popToMark())
        case .tuple1: make(try pop(1))
        case .tuple2: make(try pop(2))
        case .tuple3: make(try pop(3))
        case .append: try extend(try pop(1), isDictionary: false)
        case .appends: try extend(try popToMark(), isDictionary: false)
        case .setItem: try extend(try pop(2), isDictionary: true)
        case .setItems: try extend(try popToMark(), isDictionary: true)
        case .binPut: memo[try reader.integer(UInt8.self)] = try top()
        case .longBinPut: memo[try reader.integer(UInt32.self)] = try top()
        case .memoize: memo[memo.count] = try top()
        case .binGet: stack.append(try remembered(try reader.integer(UInt8.self)))
        case .longBinGet: stack.append(try remembered(try reader.integer(UInt32.self)))
        case .global: stack.append(try name(try reader.line(), try reader.line()))
        case .stackGlobal: try nameFromStack()
        case .binPersId: stack.append(.storage(try storage(try items(of: try pop()))))
        case .reduce: try reduce()
        case .build: _ = try pop(1)  // The attributes of a dictionary, such as versions of layers.
        }
    }

    // MARK: - Stack

    private func top() throws -> PickleValue {
        guard let value = stack.last, stack.count > marks.last ?? 0 else {
            throw damaged("nothing where a value belongs")
        }
        return value
    }

    private mutating func pop() throws -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    private mutating func pop(_ count: Int) throws -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw damaged("too few values") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws -> [PickleValue] {
        guard let mark = marks.popLast() else { throw damaged("a list without beginning") }
        defer { stack.removeSubrange(mark...) }
        return Array(stack[mark...])
    }

    private func remembered(_ index: Int) throws -> PickleValue {
        guard let value = memo[index] else { throw damaged("a reference to nothing") }
        return value
    }

    private mutating func longInteger() throws -> PickleValue {
        let bytes = try reader.take(try reader.integer(UInt8.self))
        guard bytes.count <= 8 else { return .nothing }
        let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
        return .int(bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
    }

    // MARK: - Containers

    private mutating func make(_ items: [PickleValue], isDictionary: Bool = false) {
        stack.append(.container(containers.count))
        containers.append(PickleContainer(isDictionary: isDictionary, items: items))
    }

    private mutating func extend(_ items: [PickleValue], isDictionary: Bool) throws {
        guard case .container(let index) = try top(), containers[index].isDictionary == isDictionary else {
            throw damaged("an entry of no dictionary or list")
        }
        guard !isDictionary || items.count.isMultiple(of: 2) else { throw damaged("a key without a value") }
        containers[index].items += items
    }

    private func items(of value: PickleValue) throws -> [PickleValue] {
        guard case .container(let index) = value, !containers[index].isDictionary else {
            throw damaged("a value that is not the tuple it should be")
        }
        return containers[index].items
    }

    // MARK: - Names

    private mutating func nameFromStack() throws {
        let words = try pop(2)
        guard case .text(let module) = words[0], case .text(let name) = words[1] else { throw damaged("no name") }
        stack.append(try self.name(module, name))
    }

    private func name(_ module: String, _ name: String) throws -> PickleValue {
        let whole = "\(module).\(name)"
        guard
            Callable(rawValue: whole) != nil || whole == "torch.storage.UntypedStorage"
                || ElementType(pyTorch: whole) != nil
        else {
            throw InputError(
                "holds more than tensors: \(whole.prefix(100)); nothing of it was run",
                remedy: "save the weights alone: torch.save(model.state_dict(), path)")
        }
        return .name(whole)
    }

    /// Calls of nothing but what makes tensors and dictionaries.
    private mutating func reduce() throws {
        let arguments = try items(of: try pop())
        guard case .name(let name) = try pop(), let callable = Callable(rawValue: name) else { throw damaged("a call") }
        switch callable {
        case .orderedDict:
            guard arguments.isEmpty else { throw damaged("a dictionary of an unknown kind") }
            make([], isDictionary: true)
        case .device: stack.append(.nothing)
        case .size:
            guard let list = arguments.first else { throw damaged("a size without numbers") }
            stack.append(list)
        case .parameter:
            guard case .tensor? = arguments.first else { throw damaged("a parameter without a tensor") }
            stack.append(arguments[0])
        case .tensor: stack.append(.tensor(try tensor(arguments, type: nil)))
        case .typedTensor:
            guard arguments.count > 6, case .name(let type) = arguments[6] else {
                throw damaged("a tensor without a type")
            }
            stack.append(.tensor(try tensor(arguments, type: ElementType(pyTorch: type))))
        }
    }

    // MARK: - Tensors

    /// `("storage", type, key, device, count)`.
    private func storage(_ words: [PickleValue]) throws -> PickledStorage {
        guard words.count >= 5, case .text("storage") = words[0], case .name(let type) = words[1],
            case .text(let key) = words[2], case .int(let count) = words[4], count >= 0
        else { throw damaged("a storage that is not described") }
        return PickledStorage(type: ElementType(pyTorch: type), key: key, count: count)
    }

    /// `(storage, offset, shape, strides, ...)`.
    private func tensor(_ words: [PickleValue], type: ElementType?) throws -> PickledTensor {
        guard words.count >= 4, case .storage(let storage) = words[0], case .int(let offset) = words[1],
            let type = type ?? storage.type
        else { throw damaged("a tensor that is not described") }
        return PickledTensor(
            storage: storage, type: type, offset: offset, shape: try integers(words[2]),
            strides: try integers(words[3]))
    }

    private func integers(_ value: PickleValue) throws -> [Int] {
        let items = try items(of: value)
        guard items.count <= PickleMachine.maxDimensions else { throw damaged("a tensor of \(items.count) dimensions") }
        return try items.map {
            guard case .int(let number) = $0 else { throw damaged("a size that is not an integer") }
            return number
        }
    }

    private func damaged(_ what: String) -> InputError {
        InputError("has \(what), before byte \(reader.position) of its pickle", remedy: "get a sound copy")
    }
}

/// What a pickle of weights may ask to be called.
private enum Callable: String {
    case orderedDict = "collections.OrderedDict"
    case tensor = "torch._utils._rebuild_tensor_v2"
    case typedTensor = "torch._utils._rebuild_tensor_v3"
    case parameter = "torch._utils._rebuild_parameter"
    case size = "torch.Size"
    case device = "torch.device"
}

/// The codes of the instructions.
private enum Instruction: UInt8 {
    case proto = 0x80
    case frame = 0x95
    case stop = 0x2E
    case mark = 0x28
    case none = 0x4E
    case newTrue = 0x88
    case newFalse = 0x89
    case binInt = 0x4A
    case binInt1 = 0x4B
    case binInt2 = 0x4D
    case long1 = 0x8A
    case binFloat = 0x47
    case binUnicode = 0x58
    case shortBinUnicode = 0x8C
    case binUnicode8 = 0x8D
    case emptyDict = 0x7D
    case emptyList = 0x5D
    case emptyTuple = 0x29
    case tuple = 0x74
    case tuple1 = 0x85
    case tuple2 = 0x86
    case tuple3 = 0x87
    case append = 0x61
    case appends = 0x65
    case setItem = 0x73
    case setItems = 0x75
    case binPut = 0x71
    case longBinPut = 0x72
    case memoize = 0x94
    case binGet = 0x68
    case longBinGet = 0x6A
    case global = 0x63
    case stackGlobal = 0x93
    case binPersId = 0x51
    case reduce = 0x52
    case build = 0x62
}
