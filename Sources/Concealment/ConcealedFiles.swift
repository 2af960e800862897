/// The files of one configuration, with the places of all secrets.
///
/// A secret may follow its keyword, be on the next line, or be in a definition (`$NAME=X`) that another line
/// names after its keyword.
package struct ConcealedFiles: Sendable {
    private struct File: Sendable {
        var bytes: [UInt8]
        /// The range of each line, without its line feed.
        var lines: [Range<Int>] = []
        /// The hidden ranges by line number, from 0.
        var hidden: [Int: [Range<Int>]] = [:]
    }

    private struct Definition {
        var name: [UInt8]
        var path: String
        /// The definition's lines: each line's number, from 0, and the range of the value.
        var lines: [(number: Int, value: Range<Int>)]
    }

    private struct Place {
        var path: String
        var range: Range<Int>
    }

    private var files: [String: File] = [:]
    /// The values of the secrets that were found.
    package private(set) var values = SecretValues()
    private let exceptions: Set<String>

    /// - Parameters:
    ///   - contents: By path.
    ///   - exceptions: Words, such as keywords, that are hidden only where they are used as a secret.
    package init(_ contents: [String: [UInt8]], except exceptions: Set<String> = []) {
        self.exceptions = exceptions
        var definitions: [Definition] = []
        var places: [Place] = []
        for (path, bytes) in contents {
            files[path] = File(bytes: bytes)
            scan(path, &definitions, &places)
        }
        hideBehindDefinedKeywords(definitions, &places)
        let defined = Dictionary(grouping: definitions, by: \.name)
        var named: Set<[UInt8]> = []
        for name in defined.keys where SecretSearch.namesSecret(name[...]) {
            places += hide(name, of: defined, &named)
        }
        // A definition with a secret may refer to other definitions.
        while let place = places.popLast() {
            guard let text = files[place.path]?.bytes[place.range] else { continue }
            let references = Self.references(in: text).filter { defined[$0.name] != nil }
            for reference in references { places += hide(reference.name, of: defined, &named) }
            for piece in text.without(references.map(\.range)) {
                values.insert(partsOf: piece, except: exceptions)
            }
        }
        for (path, file) in files {
            for (number, ranges) in file.hidden { files[path]?.hidden[number] = ranges.mergedRanges }
        }
    }

    /// Hides the value of a definition, once.
    ///
    /// - Returns: the places of its values.
    private mutating func hide(
        _ name: [UInt8], of defined: [[UInt8]: [Definition]], _ named: inout Set<[UInt8]>
    ) -> [Place] {
        guard named.insert(name).inserted else { return [] }
        return (defined[name] ?? []).flatMap { definition in
            definition.lines.map { number, value in
                files[definition.path]?.hidden[number, default: []].append(value)
                return Place(path: definition.path, range: value)
            }
        }
    }

    /// Finds definitions, and secrets that their own line reveals.
    private mutating func scan(_ path: String, _ definitions: inout [Definition], _ places: inout [Place]) {
        guard var file = files[path] else { return }
        /// State from the previous lines: whether this line continues a secret, has the value of a keyword, or
        /// continues a definition.
        var (goesOn, lacksValue, isDefinition) = (false, false, false)
        var start = file.bytes.startIndex
        while start <= file.bytes.endIndex {
            let end = file.bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? file.bytes.endIndex
            let number = file.lines.count
            let line = file.bytes[start..<end]
            file.lines.append(start..<end)
            start = end + 1
            let text = Self.trimmed(line)
            guard !text.isEmpty else { continue }
            let isContinued = text.last == UInt8(ascii: "\\")
            let words = text.split(whereSeparator: \.isBlank)
            if goesOn || lacksValue && words.count == 1 && !"{}".utf8.contains(text[text.startIndex]) {
                file.hidden[number] = [text.startIndex..<text.endIndex]
                places.append(Place(path: path, range: text.startIndex..<text.endIndex))
                goesOn = isContinued
                lacksValue = false
                continue
            }
            if isDefinition {
                definitions[definitions.count - 1].lines.append((number, text.startIndex..<text.endIndex))
                isDefinition = isContinued
            } else if let (name, value) = Self.definition(text) {
                definitions.append(
                    Definition(name: name, path: path, lines: value.isEmpty ? [] : [(number, value)]))
                isDefinition = isContinued
            }
            let secret = PlainLines.secrets(of: line)
            (goesOn, lacksValue) = (secret?.goesOn ?? false, secret?.lacksValue ?? false)
            guard let secret, !secret.parts.isEmpty else { continue }
            file.hidden[number] = secret.ranges
            for part in secret.parts {
                if part.isValue {
                    places.append(Place(path: path, range: part.range))
                } else {
                    values.insert(generatedWordsOf: line[part.range])
                }
            }
        }
        files[path] = file
    }

    /// Hides `X` in `$KEYWORD X` when `$KEYWORD=auth_pass` is defined.
    private mutating func hideBehindDefinedKeywords(_ definitions: [Definition], _ places: inout [Place]) {
        let keywords = Set(
            definitions.filter { definition in
                definition.lines.contains { line in
                    files[definition.path].map { SecretLine($0.bytes[line.value]).lacksValue } ?? false
                }
            }.map(\.name))
        guard !keywords.isEmpty else { return }
        for (path, file) in files {
            for (number, line) in file.lines.enumerated() {
                let text = Self.trimmed(file.bytes[line])
                for reference in Self.references(in: text)
                where keywords.contains(reference.name) && reference.range.upperBound < text.endIndex {
                    let range = reference.range.upperBound..<text.endIndex
                    guard Self.definition(text)?.name != reference.name else { continue }
                    let value = Self.trimmed(file.bytes[range])
                    guard !value.isEmpty else { continue }
                    files[path]?.hidden[number, default: []].append(value.startIndex..<value.endIndex)
                    places.append(Place(path: path, range: value.startIndex..<value.endIndex))
                }
            }
        }
    }

    private static func trimmed(_ line: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        var line = line.drop(while: \.isBlank)
        while let last = line.last, last.isBlank { line.removeLast() }
        return line
    }

    /// Parses `$NAME=value`, also after a condition.
    private static func definition(_ text: ArraySlice<UInt8>) -> (name: [UInt8], value: Range<Int>)? {
        var text = text
        if text.first == UInt8(ascii: "@") {
            text = text.drop { !$0.isBlank }.drop(while: \.isBlank)
        }
        guard text.first == UInt8(ascii: "$") else { return nil }
        let name = text.dropFirst().prefix { isNameByte($0) }
        let rest = text[name.endIndex...].drop(while: \.isBlank)
        guard !name.isEmpty, rest.first == UInt8(ascii: "=") else { return nil }
        let value = rest.dropFirst().drop(while: \.isBlank)
        return (Array(name), value.startIndex..<value.endIndex)
    }

    /// The references `$NAME` and `${NAME}` with their names.
    private static func references(in text: ArraySlice<UInt8>) -> [(name: [UInt8], range: Range<Int>)] {
        text.indices.filter { text[$0] == UInt8(ascii: "$") }.compactMap { dollar in
            var rest = text[(dollar + 1)...]
            let isBraced = rest.first == UInt8(ascii: "{")
            if isBraced { rest = rest.dropFirst() }
            let name = rest.prefix { isNameByte($0) }
            guard !name.isEmpty else { return nil }
            let end = isBraced && name.endIndex < text.endIndex ? name.endIndex + 1 : name.endIndex
            return (Array(name), dollar..<end)
        }
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        byte.isLetterOrDigit || byte == UInt8(ascii: "_")
    }
}

extension ConcealedFiles {
    /// Adds a secret that a reader of the configuration has found.
    ///
    /// - `number`: its line, from 1. If nothing on the line is hidden yet, everything except its first word is
    ///   hidden.
    package mutating func add(_ value: String, in path: String, line number: Int) {
        values.insert(partsOf: Array(value.utf8)[...], except: exceptions)
        guard let file = files[path], file.lines.indices.contains(number - 1), file.hidden[number - 1] == nil
        else {
            return
        }
        let words = file.bytes[file.lines[number - 1]].split(whereSeparator: \.isBlank)
        guard words.count > 1, let last = words.last else { return }
        files[path]?.hidden[number - 1] = [words[1].startIndex..<last.endIndex]
    }

    /// Whether a line, counted from 1, holds a secret.
    package func isSecret(_ path: String, line number: Int) -> Bool { files[path]?.hidden[number - 1] != nil }

    /// The secret texts on a line, counted from 1.
    ///
    /// - `most`: the most bytes that the caller will search.
    /// - Returns: `nil` when there are more.
    package func secrets(_ path: String, line number: Int, most: Int) -> [ArraySlice<UInt8>]? {
        guard let file = files[path], let ranges = file.hidden[number - 1] else { return [] }
        var count = 0
        for range in ranges {
            count += range.count
            if count > most { return nil }
        }
        return ranges.map { file.bytes[$0] }
    }

    /// The ranges of secrets on a line, counted from 0, as offsets from its beginning.
    package func hidden(_ path: String, index: Int) -> [Range<Int>] {
        guard let file = files[path], file.lines.indices.contains(index) else { return [] }
        let start = file.lines[index].lowerBound
        return (file.hidden[index] ?? []).map { $0.lowerBound - start..<$0.upperBound - start }
    }

    /// A line, counted from 1, with secrets hidden; `nil` when there is no such line.
    ///
    /// - `most`: the most bytes that are examined.
    package func shown(_ path: String, line number: Int, most: Int = .max) -> String? {
        guard let file = files[path], file.lines.indices.contains(number - 1) else { return nil }
        let line = file.lines[number - 1]
        let end = line.lowerBound + Swift.min(line.count, most)
        // A text that begins before the limit may be recognisable as a secret only by the bytes after it.
        let known = values.ranges(
            in: file.bytes[line.lowerBound..<Swift.min(end + values.reach, line.upperBound)])
        let ranges = ((file.hidden[number - 1] ?? []).prefix { $0.lowerBound < end } + known).mergedRanges
            .prefix { $0.lowerBound < end }.map { $0.lowerBound..<Swift.min($0.upperBound, end) }
        return file.bytes[line.lowerBound..<end].hiding(ranges)
    }
}

extension ArraySlice<UInt8> {
    /// The parts between the given ascending ranges.
    fileprivate func without(_ ranges: [Range<Int>]) -> [ArraySlice<UInt8>] {
        var pieces: [ArraySlice<UInt8>] = []
        var start = startIndex
        for range in ranges where range.lowerBound >= start {
            pieces.append(self[start..<range.lowerBound])
            start = range.upperBound
        }
        return pieces + [self[start...]]
    }
}
