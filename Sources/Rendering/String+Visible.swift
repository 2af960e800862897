extension String {
    /// Bytes as a human may see them on a terminal: tabs as they are; every other control or formatting character,
    /// and every byte that is not UTF-8, as an escape (`\x1b`, `\u{202e}`).
    init(visible bytes: ArraySlice<UInt8>) {
        self = ""
        var rest = bytes
        while !rest.isEmpty {
            // The longest valid stretch, then one byte that is not.
            var decoder = UTF8()
            var iterator = rest.makeIterator()
            var valid = 0
            decoding: while true {
                switch decoder.decode(&iterator) {
                case .scalarValue(let scalar):
                    valid += UTF8.width(scalar)
                    append(visible: scalar)
                case .emptyInput, .error:
                    break decoding
                }
            }
            rest = rest.dropFirst(valid)
            if let byte = rest.popFirst() { appendEscape(byte) }
        }
    }

    private mutating func append(visible scalar: Unicode.Scalar) {
        switch scalar.properties.generalCategory {
        case .control where scalar == "\t":
            unicodeScalars.append(scalar)
        case .control where scalar.value < 0x80:
            appendEscape(UInt8(scalar.value))
        case .control, .format, .lineSeparator, .paragraphSeparator, .privateUse, .unassigned:
            self += "\\u{\(String(scalar.value, radix: 16))}"
        default:
            unicodeScalars.append(scalar)
        }
    }

    private mutating func appendEscape(_ byte: UInt8) {
        self += byte == UInt8(ascii: "\r") ? "\\r" : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }
}
