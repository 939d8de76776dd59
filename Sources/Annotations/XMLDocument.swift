import CXMLParser
import FileAccess
import Foundation

/// Is told of the elements and texts of an XML document, in their order.
protocol XMLHandler: AnyObject {
    /// An element begins; its tag ends in `line`.
    func begin(_ name: String, line: Int)
    /// A part of a text, in UTF-8.
    func text(_ bytes: UnsafeRawBufferPointer)
    /// The element that began last ends in `line`.
    func end(line: Int)
}

/// Reads an XML document in any encoding that it states; neither other files nor entities it declares are looked at.
///
/// - Throws: `InputError` with the line of the first thing that is wrong; what came before it was told.
func readXML(_ data: Data, _ handler: any XMLHandler) throws(InputError) {
    var handler = handler
    let failure = withUnsafeMutablePointer(to: &handler) { handler in
        data.withUnsafeBytes { bytes in
            bana_xml_parse(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, events(for: handler))
        }
    }
    if failure.fault != BANA_XML_SOUND { throw failure.error }
}

private func events(for handler: UnsafeMutablePointer<any XMLHandler>) -> bana_xml_events {
    bana_xml_events(
        context: handler,
        begin: { context, name, line in
            guard let name else { return }
            handlerOf(context)?.begin(String(cString: name), line: Int(line))
        },
        text: { context, bytes, size in
            handlerOf(context)?.text(UnsafeRawBufferPointer(start: bytes, count: size))
        },
        end: { context, line in handlerOf(context)?.end(line: Int(line)) })
}

private func handlerOf(_ context: UnsafeMutableRawPointer?) -> (any XMLHandler)? {
    context?.assumingMemoryBound(to: (any XMLHandler).self).pointee
}

// MARK: - What is wrong

extension bana_xml_failure {
    fileprivate var error: InputError {
        let (problem, remedy) = sentence
        return InputError(problem, at: "line \(line)", remedy: remedy)
    }

    private var sentence: (problem: String, remedy: String) {
        let (name, found) = (text(\.name), text(\.found))
        switch fault {
        case BANA_XML_EMPTY: return ("an empty file", "get the file again")
        case BANA_XML_ENDS_EARLY: return ("cut-off XML: it ends before its root is closed", "get the file again")
        case BANA_XML_NO_ELEMENT: return ("no XML: it does not begin with an element", "get the file again")
        case BANA_XML_WRONG_END: return ("</\(found)> where <\(name)> is open", "close each element once")
        case BANA_XML_AFTER_ROOT: return ("something after the end of the root", "one file is one annotation")
        case BANA_XML_BARE_AMPERSAND: return ("a bare '&'", "write &amp; for it")
        case BANA_XML_NO_NAME: return ("a '<' that begins no tag", "write &lt; for it")
        case BANA_XML_ENTITY: return ("&\(name); is none of XML's own entities", "write the text that it stands for")
        case BANA_XML_BYTES: return badBytes
        case BANA_XML_ENCODING: return badEncoding
        case BANA_XML_TOO_LARGE: return ("too many elements in each other, or too long a text", "is it an annotation?")
        case BANA_XML_OUT_OF_MEMORY: return ("no memory is left to read it", "free some")
        default: return ("damaged XML: \(name)", "correct it, or get the file again")
        }
    }

    private var badBytes: (String, String) {
        let stated = text(\.encoding)
        if stated.isEmpty {
            return (
                "bytes that are no character in UTF-8",
                "save it as UTF-8, or state its encoding in the first line: <?xml version=\"1.0\" encoding=\"GBK\"?>"
            )
        }
        return ("bytes that are no character in \(stated), the encoding it states", "state the encoding that it is in")
    }

    private var badEncoding: (String, String) {
        let name = text(\.name)
        let problem = name.isEmpty ? "it states an encoding that it is not in" : "unknown encoding '\(name)'"
        return (problem, "save it as UTF-8, and let its first line say so")
    }

    private func text<Characters>(_ characters: KeyPath<bana_xml_failure, Characters>) -> String {
        withUnsafeBytes(of: self[keyPath: characters]) { bytes in
            shortened(String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self), limit: 60)
        }
    }
}
