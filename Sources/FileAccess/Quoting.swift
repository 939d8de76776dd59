/// A text out of a file as messages show it: on one line, and no longer than a message can bear.
///
/// Control characters, and those that turn the direction of writing, are escaped; what is beyond `limit` characters is
/// left out.
package func shortened(_ text: some StringProtocol, limit: Int = 40) -> String {
    var shown = ""
    for (place, scalar) in text.unicodeScalars.enumerated() {
        if place == limit { return shown + "..." }
        shown += isPrintable(scalar) ? String(scalar) : "\\u{\(String(scalar.value, radix: 16))}"
    }
    return shown
}

/// A text out of a file as messages quote it: `shortened`, in single quotes.
package func quoted(_ text: some StringProtocol, limit: Int = 40) -> String {
    "'\(shortened(text, limit: limit))'"
}

private func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator, .unassigned, .privateUse: false
    default: true
    }
}

/// The first of some texts out of a file, and how many more there are: `a, b, c and 26 more`.
///
/// - Parameter show: how a text is shown; by default shortened to 80 characters.
package func listed(
    _ texts: [String], first count: Int = 3, _ show: (String) -> String = { shortened($0, limit: 80) }
) -> String {
    let shown = texts.prefix(count).map(show).joined(separator: ", ")
    return texts.count > count ? "\(shown) and \(texts.count - count) more" : shown
}
