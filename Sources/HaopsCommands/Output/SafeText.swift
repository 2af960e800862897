extension String {
    /// The text with everything that could steer a terminal made visible: a node is not trusted, nor are its files.
    ///
    /// Newlines and tabs stay; C0, C1 and DEL become `\x1b` and the like, bidirectional overrides `\u{202e}`.
    var safeForTerminal: String {
        guard unicodeScalars.contains(where: \.steersTerminals) else { return self }
        var out = ""
        for scalar in unicodeScalars {
            if scalar.steersTerminals {
                let digits = String(scalar.value, radix: 16)
                out +=
                    scalar.value <= 0xff ? "\\x" + (digits.count == 1 ? "0" : "") + digits : "\\u{\(digits)}"
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    /// ``safeForTerminal`` on one line.
    var safeOnOneLine: String {
        safeForTerminal.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
    }
}

extension Unicode.Scalar {
    fileprivate var steersTerminals: Bool {
        switch value {
        case 0x09, 0x0a: false
        case 0...0x1f, 0x7f...0x9f, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }
}
