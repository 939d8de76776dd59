package import ImageFiles

/// Changes of brightness, contrast and saturation, in that order, as torchvision makes them on 8-bit images.
///
/// Each blends the image with a degenerate one: black; its mean grey; its own grey. A factor of 1 changes nothing.
package struct ColorJitter: Equatable, Sendable {
    package var brightness: Float = 1
    package var contrast: Float = 1
    package var saturation: Float = 1

    /// Changes by the given factors.
    package init(brightness: Float = 1, contrast: Float = 1, saturation: Float = 1) {
        (self.brightness, self.contrast, self.saturation) = (brightness, contrast, saturation)
    }

    /// Changes the colours of an image.
    package func apply(to image: inout RGBImage) {
        image.pixels.withUnsafeMutableBufferPointer { pixels in
            if brightness != 1 { replace(pixels) { blended(from: 0, to: $0, brightness) } }
            if contrast != 1 {
                let gray = meanGray(pixels)
                replace(pixels) { blended(from: gray, to: $0, contrast) }
            }
            if saturation != 1 { saturate(pixels, by: saturation) }
        }
    }
}

/// The value `factor` of the way from `a` to `b`, and beyond it for factors above 1; truncated and clamped to 8 bits.
private func blended(from a: UInt8, to b: UInt8, _ factor: Float) -> UInt8 {
    let value = Float(a) + factor * (Float(b) - Float(a))
    return UInt8(min(max(value, 0), 255))
}

/// Luminance in 8 bits, by the weights of ITU-R 601 in 16-bit fixed point.
private func gray(_ red: UInt8, _ green: UInt8, _ blue: UInt8) -> UInt8 {
    let weighted = UInt32(red) * 19595 + UInt32(green) * 38470 + UInt32(blue) * 7471
    return UInt8((weighted + 0x8000) >> 16)
}

/// Mean luminance, rounded half up.
private func meanGray(_ pixels: UnsafeMutableBufferPointer<UInt8>) -> UInt8 {
    var sum = 0
    for pixel in stride(from: 0, to: pixels.count, by: 3) {
        sum += Int(gray(pixels[pixel], pixels[pixel + 1], pixels[pixel + 2]))
    }
    return UInt8(Double(sum) / Double(max(pixels.count / 3, 1)) + 0.5)
}

/// Replaces every value by what `change` makes of it, through a table.
private func replace(_ pixels: UnsafeMutableBufferPointer<UInt8>, _ change: (UInt8) -> UInt8) {
    let table = (0...255).map { change(UInt8($0)) }
    table.withUnsafeBufferPointer { table in
        for index in pixels.indices { pixels[index] = table[Int(pixels[index])] }
    }
}

private func saturate(_ pixels: UnsafeMutableBufferPointer<UInt8>, by factor: Float) {
    for pixel in stride(from: 0, to: pixels.count, by: 3) {
        let gray = gray(pixels[pixel], pixels[pixel + 1], pixels[pixel + 2])
        for channel in pixel..<pixel + 3 { pixels[channel] = blended(from: gray, to: pixels[channel], factor) }
    }
}
