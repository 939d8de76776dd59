import FileAccess
import Foundation

/// Follows the instructions that a pickle of tensors is written in.
///
/// A pickle is a program: general ones may call any code. This machine knows dictionaries, lists, numbers, texts and
/// tensors, and calls nothing: what another call would have made stays an object of which only the name is known. A
/// pickle that asks for the system's own functions is refused; see Python's `pickletools` for the instructions.
struct PickleMachine {
    private var reader: ByteReader
    private let byteCount: Int
    var stack: [PickleValue] = []
    /// Heights of the stack that instructions will go back to.
    private var marks: [Int] = []
    private var memo: [Int: PickleValue] = [:]
    private(set) var containers: [PickleContainer] = []
    /// Classes of the storages that were named, by their keys; the first that was named for a key.
    var storages: [String: String] = [:]
    /// Items that were copied out of lists: an honest pickle has each copied once.
    private var copied = 0

    /// PyTorch's own limit.
    static let maxDimensions = 64

    /// A machine for the pickle that begins at byte `start`.
    init(_ pickle: Data, at start: Int = 0) {
        (reader, byteCount) = (ByteReader(pickle, at: start), pickle.count)
    }

    /// Where the pickle ended, after the run.
    var position: Int { reader.position }

    /// Runs to the end and returns what is left.
    ///
    /// - Throws: `InputError` for a damaged pickle, and for one that would call the system.
    mutating func run() throws -> PickleValue {
        while true {
            let code = UInt8(truncatingIfNeeded: try reader.integer(UInt8.self))
            guard let instruction = PickleInstruction(rawValue: code) else {
                throw damaged("the unknown instruction 0x\(String(code, radix: 16))")
            }
            if instruction == .stop { return try pop() }
            try follow(instruction)
        }
    }

    private mutating func follow(_ instruction: PickleInstruction) throws {
        switch instruction {
        case .stop: break
        case .proto: _ = try reader.take(1)
        case .frame: _ = try reader.take(8)
        case .mark: marks.append(stack.count)
        case .pop: try popOrUnmark()
        case .popMark: _ = try popToMark()
        case .duplicate: stack.append(try top())
        case .none: stack.append(.nothing)
        case .newTrue: stack.append(.bool(true))
        case .newFalse: stack.append(.bool(false))
        case .binInt: stack.append(.int(try reader.integer(Int32.self)))
        case .binInt1: stack.append(.int(try reader.integer(UInt8.self)))
        case .binInt2: stack.append(.int(try reader.integer(UInt16.self)))
        case .long1: stack.append(try longInteger(bytes: try reader.integer(UInt8.self)))
        case .long4: stack.append(try longInteger(bytes: try reader.integer(Int32.self)))
        case .binFloat: try skip(8)
        case .binString: stack.append(.text(try oldText(try reader.integer(Int32.self))))
        case .shortBinString: stack.append(.text(try oldText(try reader.integer(UInt8.self))))
        case .binUnicode: stack.append(.text(try reader.text(try reader.integer(UInt32.self))))
        case .shortBinUnicode: stack.append(.text(try reader.text(try reader.integer(UInt8.self))))
        case .binUnicode8: stack.append(.text(try reader.text(try reader.integer(UInt64.self))))
        case .binBytes: try skip(try reader.integer(UInt32.self))
        case .shortBinBytes: try skip(try reader.integer(UInt8.self))
        case .binBytes8, .byteArray8: try skip(try reader.integer(UInt64.self))
        case .emptyDict: make(.dictionary)
        case .emptyList, .emptyTuple, .emptySet: make(.sequence)
        case .tuple, .frozenSet: make(.sequence, try popToMark())
        case .tuple1: make(.sequence, try pop(1))
        case .tuple2: make(.sequence, try pop(2))
        case .tuple3: make(.sequence, try pop(3))
        case .append: try extend(try pop(1), .sequence)
        case .appends, .addItems: try extend(try popToMark(), .sequence)
        case .setItem: try extend(try pop(2), .dictionary)
        case .setItems: try extend(try popToMark(), .dictionary)
        case .binPut: memo[try reader.integer(UInt8.self)] = try top()
        case .longBinPut: memo[try reader.integer(UInt32.self)] = try top()
        case .memoize: memo[memo.count] = try top()
        case .binGet: stack.append(try remembered(try reader.integer(UInt8.self)))
        case .longBinGet: stack.append(try remembered(try reader.integer(UInt32.self)))
        case .global: stack.append(try name(try reader.line(), try reader.line()))
        case .stackGlobal: try nameFromStack()
        case .binPersId: try persistent()
        case .reduce: try reduce(try pop(2))
        case .newObject: try reduce(try pop(2))
        case .newObjectWithKeywords: try reduce(Array(try pop(3).prefix(2)))
        case .build: _ = try pop(1)  // The attributes of a dictionary, such as versions of layers, or of an object.
        }
    }

    func damaged(_ what: String) -> InputError {
        InputError("has \(what), before byte \(reader.position) of its pickle", remedy: "get a sound copy")
    }
}

// MARK: - Stack

extension PickleMachine {
    private func top() throws -> PickleValue {
        guard let value = stack.last, stack.count > marks.last ?? 0 else {
            throw damaged("nothing where a value belongs")
        }
        return value
    }

    mutating func pop() throws -> PickleValue {
        let value = try top()
        stack.removeLast()
        return value
    }

    mutating func pop(_ count: Int) throws -> [PickleValue] {
        guard stack.count - (marks.last ?? 0) >= count else { throw damaged("too few values") }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popOrUnmark() throws {
        if marks.last == stack.count { marks.removeLast() } else { _ = try pop() }
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
}

// MARK: - Numbers and texts

extension PickleMachine {
    /// Those of more than 64 bits are of no use to weights.
    private mutating func longInteger(bytes count: Int) throws -> PickleValue {
        let bytes = try reader.take(count)
        guard bytes.count <= 8 else { return .nothing }
        let isNegative = bytes.last.map { $0 >= 0x80 } ?? false
        return .int(bytes.reversed().reduce(isNegative ? -1 : 0) { $0 << 8 | Int($1) })
    }

    /// A text of Python 2, of any encoding.
    private mutating func oldText(_ count: Int) throws -> String {
        String(decoding: try reader.take(count), as: UTF8.self)
    }

    private mutating func skip(_ count: Int) throws {
        _ = try reader.take(count)
        stack.append(.nothing)
    }
}

// MARK: - Containers

extension PickleMachine {
    mutating func make(_ kind: PickleContainer.Kind, _ items: [PickleValue] = []) {
        stack.append(.container(containers.count))
        containers.append(PickleContainer(kind: kind, items: items))
    }

    private mutating func extend(_ items: [PickleValue], _ kind: PickleContainer.Kind) throws {
        guard case .container(let index) = try top() else { throw damaged("an entry of no dictionary or list") }
        guard kind == .sequence || items.count.isMultiple(of: 2) else { throw damaged("a key without a value") }
        switch containers[index].kind {
        // An object's list tells nothing that is asked for, its keys and values may.
        case .object: if kind == .dictionary { containers[index].items += items }
        case kind: containers[index].items += items
        default: throw damaged("an entry of no dictionary or list")
        }
    }

    func items(of value: PickleValue) throws -> [PickleValue] {
        guard case .container(let index) = value, containers[index].kind == .sequence else {
            throw damaged("a value that is not the tuple it should be")
        }
        return containers[index].items
    }

    /// Python 2 gives an ordered dictionary's items when it is made, as a list of pairs.
    mutating func makeDictionary(_ arguments: [PickleValue]) throws {
        guard let list = arguments.first, case .container(let index) = list else { return make(.dictionary) }
        copied += containers[index].items.count
        guard copied <= byteCount else { throw damaged("the same items again and again") }
        if containers[index].kind == .dictionary { return make(.dictionary, containers[index].items) }
        let pairs = try items(of: list).map { try items(of: $0) }
        guard pairs.allSatisfy({ $0.count == 2 }) else { throw damaged("a dictionary of an unknown kind") }
        make(.dictionary, pairs.flatMap { $0 })
    }
}
