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

    /// ``safeForTerminal``, except for the sequences of ``Style``, where that colours: nothing else is let through,
    /// whoever forgot to ask for it.
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

    /// JSON text with everything escaped that could steer a terminal. What does is within strings: encoders escape
    /// C0, and leave the rest as it is.
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
    /// C0 but for newline and tab, DEL, C1, and what turns the direction of writing.
    var steersTerminals: Bool {
        switch value {
        case 0x09, 0x0a: false
        case 0...0x1f, 0x7f...0x9f, 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
        default: false
        }
    }

    /// `\u001b`; none of those that need it is beyond the basic plane.
    var jsonEscape: String {
        let digits = String(value, radix: 16)
        return "\\u" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}
