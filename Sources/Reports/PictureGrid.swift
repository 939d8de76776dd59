import Foundation
package import ImageFiles

/// Pictures in rows and columns, with the meaning of their colours: a row for each image, a column for each view of it.
package struct PictureGrid: Sendable {
    /// The views of one image.
    package struct Row: Sendable {
        package var name: String
        package var pictures: [RGBImage]

        package init(_ name: String, _ pictures: [RGBImage]) {
            (self.name, self.pictures) = (name, pictures)
        }
    }

    /// The name of a label's colour.
    package struct Key: Equatable, Sendable {
        package var name: String
        package var label: UInt8

        package init(_ name: String, label: UInt8) {
            (self.name, self.label) = (name, label)
        }
    }

    package var title: String
    /// The run whose pictures they are.
    package var run: String
    /// Where the images come from, and how they were chosen.
    package var note: String
    package var columns: [String]
    package var rows: [Row]
    package var keys: [Key]

    package init(_ title: String, run: String, note: String, columns: [String], rows: [Row], keys: [Key]) {
        (self.title, self.run, self.note) = (title, run, note)
        (self.columns, self.rows, self.keys) = (columns, rows, keys)
    }

    /// The grid, its pictures within it as JPEG.
    ///
    /// - Throws: `InputError` for a picture without pixels.
    package func html() throws -> HTML {
        let heads: [HTML] = columns.map { "<th>\($0)</th>" }
        let lines: [HTML] = try rows.map { row in
            let cells = try zip(columns, row.pictures).map { column, picture in
                try cell(picture, describing: "\(row.name), \(column)")
            }
            return "<tr><th>\(row.name)</th>\(cells)</tr>"
        }
        return """
            <h3>\(title), \(run)</h3>
            <p class="note">\(note)</p>
            <p class="keys">\(keys.map { key in swatch(key) })</p>
            <table class="pictures">
            <thead><tr><td></td>\(heads)</tr></thead>
            <tbody>
            \(lines)
            </tbody>
            </table>
            """
    }

    private func cell(_ picture: RGBImage, describing text: String) throws -> HTML {
        let data = try picture.jpegData(quality: 85).base64EncodedString()
        return """
            <td><img alt="\(text)" width="\(picture.width)" height="\(picture.height)" \
            src="data:image/jpeg;base64,\(data)"/></td>
            """
    }

    private func swatch(_ key: Key) -> HTML {
        let (red, green, blue) = vocPalette[Int(key.label)]
        return "<span class=\"key\" style=\"--key: rgb(\(Int(red)) \(Int(green)) \(Int(blue)))\">\(key.name)</span>"
    }
}
