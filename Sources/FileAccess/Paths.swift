// Parts of paths. Foundation's own trap on a path of one character (swift-corelibs-foundation#1405). Bytes are looked at,
// not characters: a slash and a combining accent after it are one character.

private let slash = UInt8(ascii: "/")
private let dot = UInt8(ascii: ".")

/// Two path components joined by one slash.
package func join(_ folder: String, _ name: String) -> String {
    let inner = trimmed(name.utf8.drop { $0 == slash })
    if folder.isEmpty { return String(inner) }
    let outer = trimmed(folder.utf8[...])
    if inner.isEmpty { return outer.isEmpty ? "/" : String(outer) }
    return "\(outer)/\(inner)"
}

/// The folder that a path lies in: `a` of `a/b`; empty for a name alone, which lies in the working folder, and `/` for
/// what lies in the root, and the root.
package func parentFolder(of path: String) -> String {
    let whole = trimmed(path.utf8[...])
    guard let last = whole.utf8.lastIndex(of: slash) else { return path.utf8.first == slash ? "/" : "" }
    let above = trimmed(whole.utf8[..<last])
    return above.isEmpty ? "/" : String(above)
}

/// The last name of a path: `b` of `a/b` and of `a/b/`; empty for the root.
package func lastName(of path: String) -> String {
    let whole = trimmed(path.utf8[...])
    let last = whole.utf8.lastIndex(of: slash).map(whole.utf8.index(after:)) ?? whole.startIndex
    return String(whole[last...])
}

/// What follows the last dot of a path's last name; empty where that begins or ends the name.
package func fileExtension(of path: String) -> String {
    let name = lastName(of: path)
    return extensionMark(of: name).map { String(name[name.utf8.index(after: $0)...]) } ?? ""
}

/// A file's name without its folder and its extension.
package func fileStem(_ path: String) -> String {
    let name = lastName(of: path)
    return extensionMark(of: name).map { String(name[..<$0]) } ?? name
}

private func extensionMark(of name: String) -> String.Index? {
    guard let mark = name.utf8.lastIndex(of: dot), name.utf8.last != dot else { return nil }
    return name.utf8[..<mark].allSatisfy { $0 == dot } ? nil : mark
}

/// Without the slashes at its end.
private func trimmed(_ path: Substring.UTF8View) -> Substring {
    var path = path
    while path.last == slash { path.removeLast() }
    return Substring(path)
}
