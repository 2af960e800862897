/// The `$NAME=value` definitions seen so far.
struct Definitions {
    struct Line {
        var text: [UInt8]
        var file: String
        var number: Int
        var column: Int
    }

    struct Definition {
        /// One line, or several when the definition was continued with `\`.
        var lines: [Line]
        var isMultiline: Bool
        /// Whether the definition takes parameters; only `${_RANDOM 1 10}` does.
        var takesParameters = false
    }

    private var byName: [ArraySlice<UInt8>: Definition] = [:]

    var isEmpty: Bool { byName.isEmpty }

    init(configID: String, directory: String) {
        func standard(_ name: String, _ value: String, takesParameters: Bool = false) {
            let line = Line(text: Array(value.utf8), file: "", number: 0, column: 1)
            byName[Array(name.utf8)[...]] = Definition(
                lines: [line], isMultiline: false, takesParameters: takesParameters)
        }
        standard("_PWD", directory)
        standard("_INSTANCE", configID)
        // Any value serves, because the effect of a random number cannot be checked in advance.
        standard("_RANDOM", "0", takesParameters: true)
        standard("_HASH", "#")
        standard("_BANG", "!")
    }

    subscript(_ name: ArraySlice<UInt8>) -> Definition? {
        get { byName[name] }
        set { byName[name] = newValue }
    }

    mutating func append(_ line: Line, to name: ArraySlice<UInt8>) {
        byName[name]?.lines.append(line)
    }

    /// `$NAME=value` at the start of a line.
    static func parse(_ text: ArraySlice<UInt8>) -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        guard text.count >= 3, text.first == ASCII.dollar else { return nil }
        let start = text.startIndex + 1
        guard text[start].isNameByte, !text[start].isDigit else { return nil }
        var index = start + 1
        while index < text.endIndex, text[index].isNameByte { index += 1 }
        guard index < text.endIndex, text[index] == ASCII.equals else { return nil }
        let name = text[start..<index]
        index += 1
        while index < text.endIndex, text[index].isBlank { index += 1 }
        return (name, text[index...])
    }

    struct Reference {
        var name: ArraySlice<UInt8>
        /// The whole of `$NAME` or `${NAME}`.
        var range: Range<Int>
        var hasParameters: Bool
        var endsLine: Bool
    }

    /// The reference that starts at a `$`; `nil` when the bytes are not one.
    static func reference(in text: ArraySlice<UInt8>, at dollar: Int) -> Reference? {
        let end = text.endIndex
        var index = dollar + 1
        let braced = index < end && text[index] == ASCII.openBrace
        if braced { index += 1 }
        let start = index
        guard index < end, text[index].isNameByte, !text[index].isDigit else { return nil }
        while index < end, text[index].isNameByte { index += 1 }
        let name = text[start..<index]
        var hasParameters = false
        if braced {
            var last = index
            while index < end, text[index] == ASCII.space || text[index].isDigit {
                if text[index].isDigit { hasParameters = true }
                last = index
                index += 1
            }
            if hasParameters, text[last] == ASCII.space { return nil }
            guard index < end, text[index] == ASCII.closeBrace else { return nil }
            index += 1
        } else if index < end, !text[index].isBlank, text[index] != ASCII.comma,
            text[index] != ASCII.closeParenthesis
        {
            return nil
        }
        return Reference(
            name: name, range: dollar..<index, hasParameters: hasParameters, endsLine: index == end)
    }

    func definition(for reference: Reference) -> Definition? {
        guard let found = byName[reference.name] else { return nil }
        if found.isMultiline, !reference.endsLine { return nil }
        if reference.hasParameters, !found.takesParameters { return nil }
        return found
    }
}
