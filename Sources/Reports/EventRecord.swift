import Foundation
import ImageFiles

/// An `Event` of TensorBoard's protocol buffers: what a run reports at one step.
struct EventRecord {
    /// What the event says.
    enum Content {
        /// The version of the file format, which every file begins with.
        case version
        /// Events of this step and later ones in older files of the folder are void.
        case restart
        case scalars([(name: String, value: Double)])
        case image(name: String, RGBImage)
    }

    let step: Int
    /// Seconds since 1970.
    let time: Double
    let content: Content

    /// The event in wire format.
    ///
    /// - Throws: `InputError` for a picture without pixels.
    func encoded() throws -> Data {
        var event = Message()
        event.double(1, time)
        event.integer(2, step)
        switch content {
        case .version: event.text(3, "brain.Event:2")
        case .restart: event.message(7) { $0.integer(1, 1) }
        case .scalars(let scalars):
            event.message(5) { summary in
                for (name, value) in scalars {
                    summary.message(1) { entry in
                        entry.text(1, name)
                        entry.float(2, Float(value))
                    }
                }
            }
        case .image(let name, let picture):
            let png = try picture.pngData()
            event.message(5) { summary in
                summary.message(1) { entry in
                    entry.text(1, name)
                    entry.message(4) { image in
                        image.integer(1, picture.height)
                        image.integer(2, picture.width)
                        image.integer(3, 3)  // colour space RGB
                        image.bytes(4, png)
                    }
                }
            }
        }
        return event.data
    }
}

/// A protocol-buffer message under construction: fields of a number, each with its wire type.
private struct Message {
    private(set) var data = Data()

    mutating func integer(_ field: Int, _ value: Int) {
        variable(UInt64(field) << 3)
        variable(UInt64(bitPattern: Int64(value)))
    }

    mutating func double(_ field: Int, _ value: Double) {
        variable(UInt64(field) << 3 | 1)
        data.append(littleEndian: value.bitPattern)
    }

    mutating func float(_ field: Int, _ value: Float) {
        variable(UInt64(field) << 3 | 5)
        data.append(littleEndian: value.bitPattern)
    }

    mutating func bytes(_ field: Int, _ value: Data) {
        variable(UInt64(field) << 3 | 2)
        variable(UInt64(value.count))
        data.append(value)
    }

    mutating func text(_ field: Int, _ value: String) {
        bytes(field, Data(value.utf8))
    }

    mutating func message(_ field: Int, _ build: (inout Message) -> Void) {
        var inner = Message()
        build(&inner)
        bytes(field, inner.data)
    }

    /// Seven bits a byte, the lowest first; the top bit says that more follow.
    private mutating func variable(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            data.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        data.append(UInt8(rest))
    }
}

extension Data {
    /// Appends a number, its lowest byte first.
    mutating func append(littleEndian value: some FixedWidthInteger) {
        Swift.withUnsafeBytes(of: value.littleEndian) { append(contentsOf: $0) }
    }
}
