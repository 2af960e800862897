import Inventory

extension String {
    /// Bytes as text for a terminal: tabs are kept; every other control or formatting character, and every byte
    /// that is not UTF-8, as an escape (`\u{1b}`, `\xff`).
    init(visible bytes: ArraySlice<UInt8>) {
        self = ""
        var rest = bytes
        while !rest.isEmpty {
            // Decodes the longest valid part, then one invalid byte.
            var decoder = UTF8()
            var iterator = rest.makeIterator()
            var valid = 0
            while case .scalarValue(let scalar) = decoder.decode(&iterator) { valid += UTF8.width(scalar) }
            let stretch = String(decoding: rest.prefix(valid), as: UTF8.self)
            self += stretch.unicodeScalars.split(separator: "\t", omittingEmptySubsequences: false)
                .map { String($0).visible }
                .joined(separator: "\t")
            rest = rest.dropFirst(valid)
            if let byte = rest.popFirst() { self += "\\x" + String(byte, radix: 16) }
        }
    }
}
