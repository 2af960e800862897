/// Reads files into the sections that count: decides `.if`, puts values in the places of variables (cfgparse.c).
struct HAProxyReader {
    private(set) var sections: [HAProxyConfiguration.Section] = []
    private(set) var problems: [HAProxyProblem] = []
    private(set) var environment: HAProxyEnvironment
    private let version: HAProxyVersion?
    private var isInScope = false

    init(environment: HAProxyEnvironment, version: HAProxyVersion?) {
        self.environment = environment
        self.version = version
    }

    private enum Truth: Int, Comparable {
        case no, maybe, yes

        init(_ answer: HAProxyCondition.Answer) {
            switch answer {
            case .yes: self = .yes
            case .no: self = .no
            case .unknown, .malformed: self = .maybe
            }
        }

        static func < (left: Truth, right: Truth) -> Bool { left.rawValue < right.rawValue }
        var negated: Truth { Truth(rawValue: 2 - rawValue) ?? .maybe }
    }

    /// An open `.if`.
    private struct Level {
        var location: HAProxyFile.Location
        /// Whether the lines around it count.
        var outer: Truth
        /// Whether the present branch is taken.
        var branch: Truth
        /// Whether this branch or one before it is.
        var anyBranch: Truth
        var isElse = false

        var inForce: Truth { min(outer, branch) }
    }

    /// MAXNESTEDCONDS in cfgcond-t.h.
    private static let deepest = 100
    /// MAX_LINE_ARGS in defaults.h.
    private static let mostWords = 64

    /// Reads a file behind those read before. Conditions end with their file; a section goes on in the next.
    mutating func read(_ file: HAProxyFile) {
        var levels: [Level] = []
        isInScope = false
        let indentation = Indentation(file)
        for (index, line) in file.lines.enumerated() where !line.words.isEmpty || line.flaw != nil {
            let inForce = levels.last?.inForce ?? .yes
            var line = line
            if line.hasVariables, let begin = line.pieces.first?.range.lowerBound,
                let end = line.pieces.last?.range.upperBound
            {
                line = LineLexer.line(file.bytes[begin..<end], number: line.number, environment: environment)
            }
            var statement = HAProxyStatement(line: line, file: file.path, isUndecided: inForce == .maybe)
            if let flaw = line.flaw {
                problems.append(
                    HAProxyProblem(
                        kind: .flaw(flaw.kind), word: line.words.first?.value ?? "",
                        location: .init(file: file.path, line: line.number, column: flaw.column),
                        isUndecided: inForce == .maybe))
            }
            guard let first = line.words.first else { continue }
            if line.words.count > Self.mostWords {
                note(.tooManyWords, statement, inForce, word: line.words[Self.mostWords])
                statement.line.words.removeSubrange(Self.mostWords...)
            }
            if first.value.hasPrefix("."), version.map({ $0 < HAProxyVersion(2, 4) }) ?? false {
                note(.unknownDirective, statement, inForce, word: first)
                continue
            }
            if first.value.hasPrefix(".") {
                directive(statement, &levels)
                continue
            }
            guard inForce > .no else { continue }
            if let modifier = line.modifier, !Self.takesModifier.contains(line.keyword) {
                note(.modifier, statement, inForce, word: first, text: "\(modifier.rawValue) \(line.keyword)")
            }
            add(statement, inForce, isUnknownSection: indentation.beginsSection(file, index))
        }
        for level in levels {
            problems.append(
                HAProxyProblem(
                    kind: .openCondition, word: ".if", location: level.location,
                    isUndecided: level.outer == .maybe))
        }
        if let last = file.lines.last, let byte = file.bytes.last, byte != UInt8(ascii: "\n") {
            problems.append(
                HAProxyProblem(
                    kind: .missingLineEnd, word: last.words.last?.value ?? "",
                    location: .init(file: file.path, line: last.number, column: last.words.last?.column ?? 1))
            )
        }
    }

    private mutating func add(_ statement: HAProxyStatement, _ inForce: Truth, isUnknownSection: Bool) {
        let first = statement.words[0]
        // `[name]` begins a scope: the file, or what follows, is a filter's and has sections of its own.
        if first.value.hasPrefix("[") {
            isInScope = true
            sections.append(HAProxyConfiguration.Section(header: statement))
        } else if !isInScope, HAProxyFile.Section.keywords[first.value] != nil || isUnknownSection {
            sections.append(HAProxyConfiguration.Section(header: statement))
        } else if sections.isEmpty {
            note(.outsideSection, statement, inForce, word: first)
        } else {
            if sections[sections.count - 1].keyword == "global" { environment.apply(statement) }
            sections[sections.count - 1].statements.append(statement)
        }
    }

    private mutating func directive(_ statement: HAProxyStatement, _ levels: inout [Level]) {
        let words = statement.words
        let inForce = levels.last?.inForce ?? .yes
        switch words[0].value {
        case ".if":
            var branch = Truth.no
            // What is left out is not read.
            if inForce > .no { branch = condition(statement, inForce) }
            if levels.count == Self.deepest { note(.condition, statement, inForce, word: words[0]) }
            levels.append(
                Level(location: statement.location, outer: inForce, branch: branch, anyBranch: branch))
        case ".elif", ".else":
            guard let level = levels.last, !level.isElse else {
                note(.lone, statement, levels.last?.outer ?? .yes, word: words[0])
                return
            }
            var next = level
            next.isElse = words[0].value == ".else"
            if next.isElse, words.count > 1 {
                note(.surplusArgument, statement, level.outer, word: words[1])
            }
            let isOpen = level.anyBranch.negated
            next.branch = isOpen
            if !next.isElse, min(isOpen, level.outer) > .no {
                next.branch = min(isOpen, condition(statement, level.outer))
            }
            next.anyBranch = max(level.anyBranch, next.branch)
            levels[levels.count - 1] = next
        case ".endif":
            if words.count > 1 {
                note(.surplusArgument, statement, levels.last?.outer ?? .yes, word: words[1])
            }
            if levels.popLast() == nil { note(.lone, statement, .yes, word: words[0]) }
        case ".alert", ".warning", ".notice", ".diag":
            guard inForce > .no else { return }
            if words.count > 2 {
                note(.surplusArgument, statement, inForce, word: words[2])
            } else if words[0].value == ".alert" {
                note(.alert, statement, inForce, word: words[0], text: words.last?.value ?? "")
            }
        default:
            if inForce > .no { note(.unknownDirective, statement, inForce, word: words[0]) }
        }
    }

    private mutating func condition(_ statement: HAProxyStatement, _ inForce: Truth) -> Truth {
        let words = statement.words.dropFirst()
        let answer = HAProxyCondition.answer(
            words.map(\.value).joined(separator: " "), hasVariables: words.contains(where: \.hasVariables),
            environment, version)
        if answer == .malformed {
            note(.condition, statement, inForce, word: words.first ?? statement.words[0])
        }
        return Truth(answer)
    }

    private mutating func note(
        _ kind: HAProxyProblem.Kind, _ statement: HAProxyStatement, _ inForce: Truth,
        word: HAProxyFile.Word, text: String? = nil
    ) {
        guard inForce > .no else { return }
        problems.append(
            HAProxyProblem(
                kind: kind, word: text ?? word.value, location: statement.location(of: word),
                isUndecided: inForce == .maybe))
    }

    /// What may follow `no` and `default`, in any release (cfgparse.c).
    private static let takesModifier: Set<String> = [
        "option", "log", "busy-polling", "set-dumpable", "strict-limits", "insecure-fork-wanted",
        "numa-cpu-mapping", "acme.scheduler", "cpu-affinity", "quick-exit",
    ]
}

/// How a file is indented, by which a section of a later release is told from a line of the section before it.
private struct Indentation {
    private let hasIndentedLines: Bool

    init(_ file: HAProxyFile) {
        hasIndentedLines = file.sections.contains { section in
            !section.lines.isEmpty && section.lines.contains { $0.words.first.map { $0.column > 1 } == true }
        }
    }

    /// Whether a line that no release knows stands where sections begin: not indented, with the next line indented, in a
    /// file that indents.
    func beginsSection(_ file: HAProxyFile, _ index: Int) -> Bool {
        let line = file.lines[index]
        guard hasIndentedLines, line.words.count <= 2, let first = line.words.first, first.column == 1,
            HAProxyKeywords.proxy[first.value] == nil, HAProxyKeywords.global[first.value] == nil,
            first.value != "no", first.value != "default", !Self.elsewhere.contains(first.value)
        else { return false }
        let next = file.lines[(index + 1)...].prefix(8).first { !$0.words.isEmpty }
        return next?.words.first.map { $0.column > 1 } == true
    }

    /// The words of other sections that may stand with one argument.
    private static let elsewhere: Set<String> = [
        "user", "group", "peer", "table", "nameserver", "parse-resolv-conf", "hold", "mailer", "command",
        "format", "size", "maxlen", "total-max-size", "max-object-size", "max-age", "process-vary",
        "max-secondary-entries", "accepted_payload_size", "resolve_retries", "docroot", "index",
        "log-stderr", "load", "trace", "start-on-reload", "backing-file", "dgram-bind",
    ]
}
