extension StringProtocol {
    /// The text with all terminal control characters escaped.
    package var visible: String {
        var result = ""
        for scalar in unicodeScalars { result += scalar.visible }
        return result
    }
}

extension Unicode.Scalar {
    /// Itself, or `\u{1b}` for controls, and for marks that reorder or hide text.
    var visible: String {
        // Fast path for nearly all characters; Unicode properties need a table search.
        if (0x20..<0x7F).contains(value) { return String(self) }
        return switch properties.generalCategory {
        case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator, .paragraphSeparator:
            "\\u{\(String(value, radix: 16))}"
        default: String(self)
        }
    }

    /// Columns of a terminal: 0 for marks on the letter before, 2 for East Asian wide letters, else 1.
    var displayWidth: Int {
        if (0x20..<0x7F).contains(value) { return 1 }
        switch properties.generalCategory {
        case .nonspacingMark, .enclosingMark: return 0
        default: break
        }
        return switch value {
        case 0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
            0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F900...0x1F9FF,
            0x20000...0x3FFFD:
            2
        default: 1
        }
    }
}

/// A value in backticks for messages: escaped, and truncated when too long.
func quoted(_ text: some StringProtocol) -> String {
    let short = text.count > 60 ? "\(text.prefix(57))..." : String(text)
    return "`\(short.visible)`"
}
