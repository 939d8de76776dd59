/// What a pickle of weights is made of.
enum PickleValue {
    /// None, a hook, a device: what says nothing about weights.
    case nothing
    case bool(Bool)
    case int(Int)
    case text(String)
    /// Something that Python code would be looked up for, `module.name`; one of a few that are known.
    case name(String)
    /// A tuple, list or dictionary, by its number: values never hold one another, however deep the pickle goes.
    case container(Int)
    case storage(PickledStorage)
    case tensor(PickledTensor)
}

/// A tuple, a list, or a dictionary, whose keys and values alternate.
struct PickleContainer {
    let isDictionary: Bool
    var items: [PickleValue]
}

/// A file of elements in the archive.
struct PickledStorage {
    /// `nil` where the tensors say it.
    let type: ElementType?
    /// Names the file.
    let key: String
    /// Elements; bytes where the type is not known.
    let count: Int
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
