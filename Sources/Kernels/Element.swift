import CVectors
package import TensorCore

/// A number as tensors store it; all arithmetic on it is float32's.
///
/// Kernels are written once for all elements, and compiled for each.
package protocol Element: BitwiseCopyable {
    /// The nearest to a float32.
    init(_ value: Float)
    /// The same number, exactly.
    var float: Float { get }

    /// The sixteen elements from an address on.
    static func vector(_ address: UnsafePointer<Self>) -> Vector
    /// The eight elements from an address on.
    static func eight(_ address: UnsafePointer<Self>) -> SIMD8<Float>
    /// Sets the sixteen elements from an address on to the nearest.
    static func store(_ value: Vector, _ address: UnsafeMutablePointer<Self>)
}

extension Float: Element {
    @inline(__always) package var float: Float { self }

    @inline(__always) package static func vector(_ address: UnsafePointer<Float>) -> Vector {
        UnsafeRawPointer(address).loadUnaligned(as: Vector.self)
    }

    @inline(__always) package static func eight(_ address: UnsafePointer<Float>) -> SIMD8<Float> {
        UnsafeRawPointer(address).loadUnaligned(as: SIMD8<Float>.self)
    }

    @inline(__always) package static func store(_ value: Vector, _ address: UnsafeMutablePointer<Float>) {
        UnsafeMutableRawPointer(address).storeBytes(of: value, as: Vector.self)
    }
}

extension BFloat16: Element {
    @inline(__always) package static func vector(_ address: UnsafePointer<BFloat16>) -> Vector {
        Vector(lanes: bana_load_bfloat16(address))
    }

    @inline(__always) package static func eight(_ address: UnsafePointer<BFloat16>) -> SIMD8<Float> {
        bana_load_eight_bfloat16(address)
    }

    @inline(__always) package static func store(_ value: Vector, _ address: UnsafeMutablePointer<BFloat16>) {
        bana_store_bfloat16(value.lanes, address)
    }
}

extension UnsafePointer where Pointee: Element {
    /// The sixteen elements from `index` on.
    @inline(__always) func vector(_ index: Int) -> Vector { Pointee.vector(self + index) }

    /// The eight elements from `index` on.
    @inline(__always) func eight(_ index: Int) -> SIMD8<Float> { Pointee.eight(self + index) }
}

extension UnsafeMutablePointer where Pointee: Element {
    /// The sixteen elements from `index` on.
    @inline(__always) func vector(_ index: Int) -> Vector { Pointee.vector(self + index) }

    /// Sets the sixteen elements from `index` on.
    @inline(__always) func store(_ value: Vector, at index: Int) { Pointee.store(value, self + index) }
}
