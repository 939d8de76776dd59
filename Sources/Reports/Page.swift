/// A whole document.
func page(title: String, subtitle: String, _ sections: [HTML]) -> HTML {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8"/>
    <meta name="viewport" content="width=device-width, initial-scale=1"/>
    <meta name="color-scheme" content="light dark"/>
    <title>\(title)</title>
    <style>
    \(styleSheet)
    </style>
    </head>
    <body>
    <header>
    <h1>\(title)</h1>
    <p class="note">\(subtitle)</p>
    </header>
    \(sections.filter { $0 != .empty })
    </body>
    </html>

    """
}

/// A part of the document under a heading; nothing if it has no contents.
func section(_ title: String, _ contents: [HTML]) -> HTML {
    contents.isEmpty ? .empty : "<section>\n<h2>\(title)</h2>\n\(contents)\n</section>"
}
