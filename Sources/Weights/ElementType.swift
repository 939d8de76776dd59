/// The type of a tensor's elements in a weight file, spelled as safetensors does.
package enum ElementType: String, Sendable {
    case float64 = "F64"
    case float32 = "F32"
    case float16 = "F16"
    case bfloat16 = "BF16"
    case float8E4M3 = "F8_E4M3"
    case float8E5M2 = "F8_E5M2"
    case int64 = "I64"
    case int32 = "I32"
    case int16 = "I16"
    case int8 = "I8"
    case uint64 = "U64"
    case uint32 = "U32"
    case uint16 = "U16"
    case uint8 = "U8"
    case bool = "BOOL"

    /// Bytes of one element.
    package var size: Int {
        switch self {
        case .float64, .int64, .uint64: 8
        case .float32, .int32, .uint32: 4
        case .float16, .bfloat16, .int16, .uint16: 2
        case .float8E4M3, .float8E5M2, .int8, .uint8, .bool: 1
        }
    }
}

extension ElementType {
    /// Whether its elements can be read as floats.
    package var isFloat: Bool { [.float64, .float32, .float16, .bfloat16].contains(self) }

    /// Little-endian elements as floats, each rounded to the nearest; `nil` unless the type is a wide enough float.
    func floats(_ bytes: UnsafeRawBufferPointer) -> [Float]? {
        switch self {
        case .float32: elements(of: bytes) { Float(bitPattern: UInt32(littleEndian: $0)) }
        case .float64: elements(of: bytes) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        case .bfloat16: elements(of: bytes) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
        case .float16: elements(of: bytes) { float(half: UInt16(littleEndian: $0)) }
        default: nil
        }
    }
}

/// Every element of a block of bytes, which need not be aligned.
private func elements<Bits: BitwiseCopyable>(
    of bytes: UnsafeRawBufferPointer, _ convert: (Bits) -> Float
) -> [Float] {
    let stride = MemoryLayout<Bits>.stride
    return [Float](unsafeUninitializedCapacity: bytes.count / stride) { target, count in
        count = bytes.count / stride
        for index in 0..<count {
            target[index] = convert(bytes.loadUnaligned(fromByteOffset: index * stride, as: Bits.self))
        }
    }
}

/// The float equal to an IEEE half: 5 bits of exponent, 10 of fraction.
private func float(half bits: UInt16) -> Float {
    let (exponent, fraction) = (bits >> 10 & 0x1F, UInt32(bits & 0x3FF))
    let magnitude: Float =
        switch exponent {
        case 0: Float(fraction) * 0x1p-24
        case 0x1F: Float(bitPattern: 0x7F80_0000 | fraction << 13)
        default: Float(bitPattern: (UInt32(exponent) + 112) << 23 | fraction << 13)
        }
    return bits >> 15 == 0 ? magnitude : -magnitude
}
