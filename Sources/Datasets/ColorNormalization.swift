package import ImageFiles

/// How 8-bit colours become a network's input.
package enum ColorNormalization: String, CaseIterable, Sendable {
    /// Blue, green, red; 0...255 minus the mean.
    case caffe
    /// Red, green, blue; 0...1 minus the mean, divided by the standard deviation.
    case torchvision

    /// Writes the `height * width * 3` numbers of an image, channels last.
    package func apply(to image: RGBImage, into output: UnsafeMutablePointer<Float>) {
        let tables = (0..<3).flatMap { channel in (0...255).map { value(Float($0), channel) } }
        let order = sourceChannels
        tables.withUnsafeBufferPointer { tables in
            image.pixels.withUnsafeBufferPointer { pixels in
                for pixel in stride(from: 0, to: pixels.count, by: 3) {
                    output[pixel] = tables[Int(pixels[pixel + order.0])]
                    output[pixel + 1] = tables[256 + Int(pixels[pixel + order.1])]
                    output[pixel + 2] = tables[512 + Int(pixels[pixel + order.2])]
                }
            }
        }
    }

    /// The channel of an RGB image that each channel of the output is made from.
    private var sourceChannels: (Int, Int, Int) {
        switch self {
        case .caffe: (2, 1, 0)
        case .torchvision: (0, 1, 2)
        }
    }

    /// Input for an 8-bit value in an output channel.
    private func value(_ level: Float, _ channel: Int) -> Float {
        switch self {
        case .caffe: level - ([104.008, 116.669, 122.675] as [Float])[channel]
        case .torchvision:
            (level / 255 - ([0.485, 0.456, 0.406] as [Float])[channel]) / ([0.229, 0.224, 0.225] as [Float])[channel]
        }
    }
}
