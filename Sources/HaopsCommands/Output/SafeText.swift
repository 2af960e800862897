extension String {
    /// The text with all terminal control characters escaped: neither a node nor its files are trusted.
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

    /// ``safeForTerminal``, but with the sequences of ``Style`` kept when that style colours. Applied to all
    /// output, also to text that is escaped already.
    func safe(in style: Style) -> String {
        guard style.isColored, unicodeScalars.contains(where: \.steersTerminals) else {
            return safeForTerminal
        }
        var out = ""
        var rest = unicodeScalars[...]
        while let start = rest.firstIndex(of: "\u{1b}") {
            out += String(rest[..<start]).safeForTerminal
            let sequence = Style.sequences.first { rest[start...].starts(with: $0.unicodeScalars) } ?? ""
            out += sequence.isEmpty ? "\u{1b}".safeForTerminal : sequence
            rest = rest[start...].dropFirst(max(1, sequence.unicodeScalars.count))
        }
        return out + String(rest).safeForTerminal
    }

    /// JSON text with all terminal control characters escaped. They occur only within strings: JSON encoders
    /// escape C0 and leave the rest as it is.
    var safeInJSON: String {
        guard unicodeScalars.contains(where: \.steersTerminals) else { return self }
        var out = ""
        for scalar in unicodeScalars {
            if scalar.steersTerminals { out += scalar.jsonEscape } else { out.unicodeScalars.append(scalar) }
        }
        return out
    }

    /// ``safeForTerminal`` on one line.
    var safeOnOneLine: String {
        safeForTerminal.split(whereSeparator: \.isNewline).joined(separator: " ⏎ ")
    }
}

extension Unicode.Scalar {
    /// Whether the scalar is C0 except newline and tab, DEL, C1, or a bidirectional control.
    var steersTerminals: Bool {
        switch value {
        case 0x09, 0x0a: false
        case 0...0x1f, 0x7f...0x9f, 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// The scalar as `\u001b`. All scalars that need escaping are in the basic plane.
    var jsonEscape: String {
        let digits = String(value, radix: 16)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
