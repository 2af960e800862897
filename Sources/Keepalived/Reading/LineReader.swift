/// Returns the lines that keepalived processes: with comments, conditions, definitions, repetitions and includes
/// resolved, and braces on separate lines.
///
/// The order of the steps is that of lib/parser.c `read_line` in 2.2.7. Everything that may not end there
/// (definitions that refer to themselves, files that include themselves, long sequences) is bounded here.
struct LineReader {
    /// Limits for input that would otherwise grow without end.
    struct Limits {
        var includeDepth = 32
        var files = 4096
        /// The most alternatives of `include` lines that are looked up, for all files together.
        var patterns = 4096
        /// The most bytes of all files, each counted as often as it is included.
        var bytes = 64 << 20
        /// The most lines that repetitions and multi-line definitions produce.
        var expandedLines = 65_536
        /// The most bytes that these and the values of definitions add, for all lines together.
        var expandedBytes = 2 << 20
        /// The most replacements in one line.
        var replacements = 1024
        /// The most diagnostics, each of which has its own place.
        var diagnostics = 2000
    }

    struct OpenFile {
        var name: String
        var directory: String
        var bytes: [UInt8]
        var scanner: LineScanner
        /// The other files that the include pattern matched, the last one first.
        var following: [String]
    }

    struct Cursor {
        var lines: [Definitions.Line]
        var next: Int
        var repetitionsBelow: Int
        /// The definitions whose expansion led here, this one included.
        var origin: Set<ArraySlice<UInt8>>
    }

    let files: any ConfigurationFiles
    let listings: DirectoryListings
    let configID: [UInt8]
    /// The directory that relative paths start at; empty when it is not known.
    let workingDirectory: String
    let dialect: Dialect
    let limits = Limits()
    var definitions: Definitions
    var stack: [OpenFile] = []
    var openedFiles = 0
    var lookedUpPatterns = 0
    var openedBytes = 0
    var residue: LogicalLine?
    var repetitions: [Repetition] = []
    var cursor: Cursor?
    var outerCursors: [Cursor] = []
    /// The definitions whose expansion the current line came from.
    var origin: Set<ArraySlice<UInt8>> = []
    var continuedDefinition: ArraySlice<UInt8>?
    var expandedLines = 0
    var expandedBytes = 0
    /// Whether a limit was reached, so that nothing more is expanded.
    var isExhausted = false
    var reportedLongLine: (file: String, line: Int)?
    var diagnostics: [Diagnostic] = []
    var fileNames: [String] = []

    init(
        path: String, files: any ConfigurationFiles, configID: String, workingDirectory: String,
        dialect: Dialect
    ) {
        self.files = files
        listings = DirectoryListings(files)
        self.configID = Array(configID.utf8)
        self.dialect = dialect
        self.workingDirectory = workingDirectory
        definitions = Definitions(configID: configID)
        open(path, following: [], directory: "", from: nil)
    }

    mutating func report(
        _ kind: Diagnostic.Kind, at location: ConfigurationLocation, in blocks: [String] = [],
        following cause: ConfigurationLocation? = nil
    ) {
        diagnostics.append(Diagnostic(kind, at: location, in: blocks, following: cause))
    }

    /// Drops diagnostics beyond the limit, and reports that.
    mutating func boundDiagnostics() {
        guard diagnostics.count > limits.diagnostics else { return }
        let first = diagnostics[limits.diagnostics]
        diagnostics.removeLast(diagnostics.count - limits.diagnostics)
        report(.tooLarge, at: first.location)
    }

    /// The next line, or `nil` at the end of the last file.
    mutating func next() -> LogicalLine? {
        while var line = nextRaw() {
            if let name = continuedDefinition {
                continueDefinition(name, with: line)
                continue
            }
            if line.text.isEmpty { continue }
            guard resolve(&line), !line.text.isEmpty else { continue }
            if openInclude(line) { continue }
            return split(line)
        }
        return nil
    }
}

// MARK: Where lines come from

extension LineReader {
    private mutating func nextRaw() -> LogicalLine? {
        if let line = residue {
            residue = nil
            return line
        }
        if let line = nextRepeated() { return line }
        if let line = nextOfDefinition() { return line }
        return nextInFile()
    }

    private mutating func nextRepeated() -> LogicalLine? {
        while repetitions.count > (cursor?.repetitionsBelow ?? 0), var last = repetitions.popLast() {
            guard let values = last.next(), countExpansion(at: last.line) else { continue }
            for (name, value) in values {
                let origin = Definitions.Line(
                    text: value, file: last.line.file, number: last.line.number,
                    column: last.line.start.column)
                definitions[name] = Definitions.Definition(lines: [origin], isMultiline: false)
            }
            let line = last.line
            origin = last.origin
            if !last.isFinished { repetitions.append(last) }
            return line
        }
        return nil
    }

    private mutating func nextOfDefinition() -> LogicalLine? {
        while var current = cursor {
            guard current.next < current.lines.count else {
                cursor = outerCursors.popLast()
                continue
            }
            let body = current.lines[current.next]
            current.next += 1
            origin = current.origin
            // The cursor is popped before its last line is read, so that a definition at its end does not nest
            // deeper.
            cursor = current.next < current.lines.count ? current : outerCursors.popLast()
            let line = LogicalLine(body)
            guard countExpansion(at: line) else { return nil }
            return line
        }
        return nil
    }

    private mutating func countExpansion(at line: LogicalLine) -> Bool {
        expandedLines += 1
        return spend(line.text.count, at: line)
    }

    /// - Returns: false when the limit would be exceeded; nothing more is expanded from then on.
    private mutating func spend(_ bytes: Int, at line: LogicalLine) -> Bool {
        guard !isExhausted else { return false }
        expandedBytes += bytes
        guard expandedLines >= limits.expandedLines || expandedBytes >= limits.expandedBytes else {
            return true
        }
        report(.tooLarge, at: line.start)
        isExhausted = true
        repetitions = []
        cursor = nil
        outerCursors = []
        return false
    }

    private mutating func nextInFile() -> LogicalLine? {
        while !stack.isEmpty {
            guard let piece = stack[stack.count - 1].scanner.next() else {
                closeFile()
                continue
            }
            let file = stack[stack.count - 1]
            if piece.isTail { noteCut(piece, in: file.name) }
            if piece.text.isEmpty {
                if continuedDefinition != nil { continuedDefinition = nil }
                continue
            }
            var text = file.bytes[piece.text]
            // A C string ends at the first NUL.
            if let zero = text.firstIndex(of: 0) { text = text[..<zero] }
            origin = []
            var line = LogicalLine(
                text: text, lineStart: piece.lineStart, file: file.name, number: piece.line)
            let start = line.start
            if line.removeComment(dialect: dialect) { report(.unterminatedQuote, at: start) }
            if line.text.isEmpty { continue }
            return line
        }
        return nil
    }

    private mutating func closeFile() {
        guard var file = stack.popLast(), let next = file.following.popLast() else { return }
        open(next, following: file.following, directory: file.directory, from: nil)
    }

    private mutating func noteCut(_ piece: LineScanner.Piece, in file: String) {
        guard reportedLongLine.map({ $0 != (file, piece.line) }) ?? true else { return }
        reportedLongLine = (file, piece.line)
        report(
            .lineTooLong,
            at: ConfigurationLocation(
                file: file, line: piece.line, column: piece.text.lowerBound - piece.lineStart + 1))
    }
}

extension LogicalLine {
    fileprivate init(_ line: Definitions.Line) {
        self.init(
            text: line.text[...], lineStart: 1 - line.column, file: line.file, number: line.number)
    }
}

// MARK: Conditions, definitions and repetitions

extension LineReader {
    private mutating func continueDefinition(_ name: ArraySlice<UInt8>, with line: LogicalLine) {
        var line = line
        let start = line.start
        if line.text.last == ASCII.backslash {
            line = line[line.text.startIndex..<(line.text.endIndex - 1)]
            line.trim()
        } else {
            continuedDefinition = nil
        }
        guard !line.text.isEmpty else { return }
        let body = Definitions.Line(
            text: Array(line.text), file: line.file, number: line.number, column: start.column)
        definitions.append(body, to: name)
    }

    /// - Returns: false when nothing is left of the line.
    private mutating func resolve(_ line: inout LogicalLine) -> Bool {
        var rounds = 0
        while true {
            rounds += 1
            if rounds > limits.replacements {
                report(.endlessDefinition(line.text.configurationText), at: line.start)
                return false
            }
            if dialect.conditions, line.text.first == ASCII.at, !takeCondition(&line) { return false }
            if dialect.definitions, let (name, value) = Definitions.parse(line.text) {
                define(name, value, in: line)
                return false
            }
            if line.text.first == ASCII.tilde, repeats(line) { return false }
            if line.text.first == ASCII.tilde { return true }
            guard dialect.definitions, line.text.contains(ASCII.dollar), expand(&line) else { return true }
            let start = line.start
            if line.removeComment(dialect: dialect) { report(.unterminatedQuote, at: start) }
            guard line.text.first == ASCII.at || line.text.contains(ASCII.dollar) else {
                return !line.text.isEmpty
            }
        }
    }

    private func takeCondition(_ line: inout LogicalLine) -> Bool {
        let text = line.text
        var start = text.startIndex + 1
        let isNegated = dialect.negatedConditions && start < text.endIndex && text[start] == ASCII.caret
        if isNegated { start += 1 }
        guard let end = text[start...].firstIndex(where: \.isBlank) else { return false }
        guard text[start..<end].elementsEqual(configID) != isNegated else { return false }
        line = line[end..<text.endIndex]
        line.trim()
        return true
    }

    private mutating func define(
        _ name: ArraySlice<UInt8>, _ value: ArraySlice<UInt8>, in line: LogicalLine
    ) {
        let isMultiline = value.last == ASCII.backslash
        var text = value
        if isMultiline {
            text.removeLast()
            while let last = text.last, last.isBlank { text.removeLast() }
            continuedDefinition = name
        }
        let body = Definitions.Line(
            text: Array(text), file: line.file, number: line.number,
            column: line.column(at: min(value.startIndex, max(line.text.startIndex, line.text.endIndex - 1))))
        let lines = isMultiline && text.isEmpty ? [] : [body]
        definitions[name] = Definitions.Definition(lines: lines, isMultiline: isMultiline)
    }

    /// Starts the repetition of a `~SEQ` or `~LST` line; a malformed one is reported and dropped.
    private mutating func repeats(_ line: LogicalLine) -> Bool {
        let isSequence = dialect.sequences && line.text.starts(with: "~SEQ".utf8)
        let isList = dialect.lists && line.text.starts(with: "~LST".utf8)
        guard isSequence || isList else { return false }
        var repetition: Repetition?
        if isSequence {
            repetition = Repetition(sequence: line) { part in
                var part = part
                return part.text.contains(ASCII.dollar) && expand(&part) ? part : part
            }
        } else {
            repetition = Repetition(list: line)
        }
        if var repetition {
            // Each round expands the line anew: what an earlier round expanded is no circle.
            repetition.origin = origin
            repetitions.append(repetition)
        } else {
            report(.invalidRepetition(line.text.configurationText), at: line.start)
        }
        return true
    }

    /// Replaces every reference to a definition, and those in the replaced text.
    ///
    /// - Returns: whether there was one.
    private mutating func expand(_ line: inout LogicalLine) -> Bool {
        var found = false
        var replacements = 0
        var index = line.text.startIndex
        while index < line.text.endIndex,
            let dollar = line.text[index...].firstIndex(of: ASCII.dollar), dollar + 1 < line.text.endIndex
        {
            guard let reference = Definitions.reference(in: line.text, at: dollar),
                let definition = definitions.definition(for: reference)
            else {
                noteUndefined(in: line, at: dollar)
                index = dollar + 1
                continue
            }
            replacements += 1
            if replacements > limits.replacements {
                report(.endlessDefinition(reference.name.configurationText), at: line.location(at: dollar))
                definitions.endCircle(reference.name)
                replacements = 0
                continue
            }
            found = true
            if definition.isMultiline {
                guard enter(definition, named: reference.name) else {
                    report(
                        .endlessDefinition(reference.name.configurationText),
                        at: line.location(at: dollar))
                    definitions.endCircle(reference.name)
                    continue
                }
            }
            let value = definitions.value(of: definition, for: reference, in: currentDirectory)
            guard spend(value.count, at: line) else { return false }
            let offset = dollar - line.text.startIndex
            if reference.range == line.text.startIndex..<line.text.endIndex,
                let body = definition.lines.first, body.number > 0
            {
                line = LogicalLine(body)  // nothing of the using line is left to point at
            } else {
                line.replace(reference.range, with: value)
            }
            index = line.text.startIndex + offset
            if line.text.count > LineScanner.longestPiece {
                report(.expansionTooLong, at: line.start)
                line = line[line.text.startIndex..<(line.text.startIndex + LineScanner.longestPiece)]
                return false
            }
            // A repetition in the first line of a definition is read as a separate line.
            if value.first(where: { !$0.isBlank }) == ASCII.tilde { break }
        }
        return found
    }

    /// `_PWD`: keepalived changes to the directory of each file that it reads.
    private var currentDirectory: String {
        let directory = IncludeGlob.join(workingDirectory, stack.last?.directory ?? "")
        return directory.hasPrefix("/") ? directory : "."
    }

    /// - Returns: false when the definition is being expanded already, because the recursion would never end.
    private mutating func enter(
        _ definition: Definitions.Definition, named name: ArraySlice<UInt8>
    ) -> Bool {
        guard !origin.contains(name) else { return false }
        if let current = cursor { outerCursors.append(current) }
        if outerCursors.count > limits.includeDepth * 32 {
            outerCursors = []
            cursor = nil
            isExhausted = true
            return true
        }
        cursor = Cursor(
            lines: definition.lines, next: 1, repetitionsBelow: repetitions.count,
            origin: origin.union([name]))
        if definition.lines.count < 2 { cursor = outerCursors.popLast() }
        return true
    }

    /// Reports an undefined reference. keepalived splits `${NAME}` at its braces; `$NAME` stays as it is.
    private mutating func noteUndefined(in line: LogicalLine, at dollar: Int) {
        guard let reference = Definitions.reference(in: line.text, at: dollar),
            definitions[reference.name] == nil
        else { return }
        let diagnostic = Diagnostic(
            .undefinedReference(line.text[reference.range].configurationText),
            at: line.location(at: dollar))
        if diagnostics.last != diagnostic { diagnostics.append(diagnostic) }
    }
}
