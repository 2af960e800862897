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
        /// For standard definitions whose value is found out at each use.
        var computed: Computed?
    }

    enum Computed {
        /// The directory of the file that is read (`_PWD`).
        case directory
        /// A number between two parameters, by default 0 and 32767 (`_RANDOM`).
        case random
    }

    private var byName: [ArraySlice<UInt8>: Definition] = [:]

    var isEmpty: Bool { byName.isEmpty }

    init(configID: String) {
        func standard(_ name: String, _ value: String, computed: Computed? = nil) {
            let line = Line(text: Array(value.utf8), file: "", number: 0, column: 1)
            byName[Array(name.utf8)[...]] = Definition(lines: [line], isMultiline: false, computed: computed)
        }
        standard("_PWD", "", computed: .directory)
        standard("_INSTANCE", configID)
        standard("_RANDOM", "0", computed: .random)
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

    /// Lets the name stand for a definition that contains itself, so that nothing else seems wrong.
    mutating func endCircle(_ name: ArraySlice<UInt8>) {
        let line = Line(text: Array(name), file: "", number: 0, column: 1)
        byName[name] = Definition(lines: [line], isMultiline: false)
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
        /// The numbers in `${NAME 1 10}`.
        var parameters: [[UInt8]]
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
        var parameters: [[UInt8]] = []
        if braced {
            var last = index
            let first = index
            while index < end, text[index] == ASCII.space || text[index].isDigit {
                last = index
                index += 1
            }
            parameters = text[first..<index].split(separator: ASCII.space).map(Array.init)
            if !parameters.isEmpty, text[last] == ASCII.space { return nil }
            guard index < end, text[index] == ASCII.closeBrace else { return nil }
            index += 1
        } else if index < end, !text[index].isBlank, text[index] != ASCII.comma,
            text[index] != ASCII.closeParenthesis
        {
            return nil
        }
        return Reference(
            name: name, range: dollar..<index, parameters: parameters, endsLine: index == end)
    }

    func definition(for reference: Reference) -> Definition? {
        guard let found = byName[reference.name] else { return nil }
        if found.isMultiline, !reference.endsLine { return nil }
        if !reference.parameters.isEmpty, found.computed != .random { return nil }
        return found
    }

    /// The text that replaces a reference, in its first line.
    ///
    /// - `directory`: where keepalived is while it reads the file.
    func value(of definition: Definition, for reference: Reference, in directory: String) -> [UInt8] {
        switch definition.computed {
        case .directory: Array(directory.utf8)
        // The least number serves: whoever writes the range means every number in it.
        case .random: reference.parameters.first ?? definition.lines[0].text
        case nil: definition.lines.first?.text ?? []
        }
    }
}
