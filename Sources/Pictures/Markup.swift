/// The colours that all pictures have in common, by light and by dark.
enum PictureStyle {
    /// A sheet of CSS: `rules` after those of all pictures, and `dark` where the reader prefers dark colours.
    static func sheet(_ rules: String, dark: String) -> String {
        """
        text{font:12px system-ui,sans-serif;fill:#1c2330}.page{fill:#fff}.title{font-size:15px;font-weight:600}\
        .small{font-size:11px;fill:#525c6b}.grid{stroke:#d8dde5}\
        \(rules)\
        @media(prefers-color-scheme:dark){text{fill:#e8ebf0}.page{fill:#14181f}.small{fill:#a6b0be}.grid{stroke:#2b323d}\
        \(dark)}
        """
    }
}

extension Double {
    /// For the attributes of SVG, with one place behind the point.
    var text: String {
        let tenths = Int((self * 10).rounded())
        return tenths % 10 == 0 ? "\(tenths / 10)" : "\(tenths / 10).\(abs(tenths % 10))"
    }
}

extension String {
    /// The words in lines of so many letters, where words are no longer than that.
    func lines(ofAtMost length: Int) -> [String] {
        var lines: [String] = []
        for word in split(separator: " ") {
            if let last = lines.last, last.count + word.count < length {
                lines[lines.count - 1] += " " + word
            } else {
                lines.append(String(word.prefix(length)))
            }
        }
        return lines
    }
}

extension StringProtocol {
    /// For the text and the attributes of SVG and HTML.
    package var escaped: String {
        var out = ""
        for character in unicodeScalars {
            switch character {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            default: out.unicodeScalars.append(character)
            }
        }
        return out
    }
}
