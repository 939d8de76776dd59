/// What a pickle of weights is made of.
enum PickleValue {
    /// None, a hook, a device: what says nothing about weights.
    case nothing
    case bool(Bool)
    case int(Int)
    case text(String)
    /// Something that Python code would be looked up for, `module.name`.
    case name(String)
    /// A tuple, list, dictionary or object, by its number: values never hold one another, however deep the pickle goes.
    case container(Int)
    case storage(PickledStorage)
    case tensor(PickledTensor)
}

/// A tuple, a list, a dictionary, or an object of a class that is not known.
struct PickleContainer {
    enum Kind: Equatable {
        /// A tuple, a list or a set.
        case sequence
        /// Keys and values alternate.
        case dictionary
        /// What a call that was not followed would have made; as a dictionary's, its keys and values alternate.
        case object(String)
    }

    let kind: Kind
    var items: [PickleValue]
}

/// Where a file keeps elements.
struct PickledStorage {
    /// PyTorch's name of its class.
    let className: String
    let key: String
    /// The elements that this is of, where it is a part of what the file keeps.
    let part: (offset: Int, count: Int)?

    /// `nil` where the tensors say it, and for types that are not read.
    var type: ElementType? { ElementType(pyTorch: className) }

    /// Bytes of an element of a class of storages; `nil` for what is none.
    static func elementSize(_ className: String) -> Int? {
        switch className {
        case "torch.ComplexDoubleStorage": 16
        case "torch.ComplexFloatStorage": 8
        case "torch.QInt32Storage": 4
        case "torch.QInt8Storage", "torch.QUInt8Storage", "torch.QUInt4x2Storage", "torch.QUInt2x4Storage",
            "torch.storage.UntypedStorage", "torch.UntypedStorage":
            1
        default: ElementType(pyTorch: className)?.size
        }
    }
}

/// A view into a storage.
struct PickledTensor {
    let storage: PickledStorage
    let type: ElementType
    let offset: Int
    let shape: [Int]
    let strides: [Int]
}

extension ElementType {
    /// The type by PyTorch's name of it or of its storages.
    init?(pyTorch name: String) {
        switch name {
        case "torch.FloatStorage", "torch.float32": self = .float32
        case "torch.DoubleStorage", "torch.float64": self = .float64
        case "torch.HalfStorage", "torch.float16": self = .float16
        case "torch.BFloat16Storage", "torch.bfloat16": self = .bfloat16
        case "torch.LongStorage", "torch.int64": self = .int64
        case "torch.IntStorage", "torch.int32": self = .int32
        case "torch.ShortStorage", "torch.int16": self = .int16
        case "torch.CharStorage", "torch.int8": self = .int8
        case "torch.ByteStorage", "torch.uint8": self = .uint8
        case "torch.BoolStorage", "torch.bool": self = .bool
        case "torch.uint16": self = .uint16
        case "torch.uint32": self = .uint32
        case "torch.uint64": self = .uint64
        case "torch.float8_e4m3fn": self = .float8E4M3
        case "torch.float8_e5m2": self = .float8E5M2
        default: return nil
        }
    }
}
