/// The bytes with a meaning in keepalived's parser.
enum ASCII {
    static let tab = UInt8(ascii: "\t")
    static let newline = UInt8(ascii: "\n")
    static let carriageReturn = UInt8(ascii: "\r")
    static let space = UInt8(ascii: " ")
    static let quote = UInt8(ascii: "\"")
    static let apostrophe = UInt8(ascii: "'")
    static let backslash = UInt8(ascii: "\\")
    static let hash = UInt8(ascii: "#")
    static let bang = UInt8(ascii: "!")
    static let openBrace = UInt8(ascii: "{")
    static let closeBrace = UInt8(ascii: "}")
    static let at = UInt8(ascii: "@")
    static let caret = UInt8(ascii: "^")
    static let dollar = UInt8(ascii: "$")
    static let tilde = UInt8(ascii: "~")
    static let comma = UInt8(ascii: ",")
    static let equals = UInt8(ascii: "=")
    static let slash = UInt8(ascii: "/")
    static let openParenthesis = UInt8(ascii: "(")
    static let closeParenthesis = UInt8(ascii: ")")
}

extension UInt8 {
    /// Space or tab.
    var isBlank: Bool { self == ASCII.space || self == ASCII.tab }

    /// What C's `isspace` calls white space in the C locale.
    var isWhiteSpace: Bool { self == ASCII.space || (self >= 9 && self <= 13) }

    var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }

    var isLetter: Bool {
        let lower = self | 0x20
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z")
    }

    /// A byte that may stand inside the name of a definition.
    var isNameByte: Bool { isLetter || isDigit || self == UInt8(ascii: "_") }

    var hexValue: UInt8? {
        if isDigit { return self - UInt8(ascii: "0") }
        let lower = self | 0x20
        guard lower >= UInt8(ascii: "a"), lower <= UInt8(ascii: "f") else { return nil }
        return lower - UInt8(ascii: "a") + 10
    }
}

extension Collection where Element == UInt8 {
    /// The bytes as text that can be turned back into the same bytes with ``Swift/String/configurationBytes``.
    ///
    /// Bytes that are not UTF-8 become scalars from U+F700, so two different byte strings never read alike.
    var configurationText: String {
        if let text = String(validating: self, as: UTF8.self) { return text }
        var scalars = String.UnicodeScalarView()
        for byte in self {
            let value = byte < 0x80 ? UInt32(byte) : 0xF700 + UInt32(byte)
            scalars.append(Unicode.Scalar(value) ?? "\u{FFFD}")
        }
        return String(scalars)
    }
}

extension String {
    /// The bytes that a word had in the file.
    var configurationBytes: [UInt8] {
        guard unicodeScalars.contains(where: { (0xF780...0xF7FF).contains($0.value) }) else {
            return Array(utf8)
        }
        return unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}
