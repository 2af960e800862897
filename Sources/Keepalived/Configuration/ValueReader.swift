/// Compares every statement with the values that its keyword takes by ``GrammarTable``.
///
/// It covers what no reader of its own looks at: the checkers of virtual servers, BFD, the settings of processes; and
/// for all keywords, that there is a value where keepalived ends without one.
struct ValueReader {
    private let version: KeepalivedVersion
    /// The places that another reader has already complained of.
    private let known: Set<ConfigurationLocation>
    private(set) var problems: [ConfigurationProblem] = []

    init(version: KeepalivedVersion, known: [ConfigurationProblem]) {
        self.version = version
        self.known = Set(known.map(\.location))
    }

    /// Keywords of which keepalived says that another one replaces them.
    private static let deprecated: [String: (name: String, since: KeepalivedVersion)] = [
        "nb_get_retry": ("retry", KeepalivedVersion(2, 1, 0)),
        "vmac_garp_intvl": ("garp_extra_if", KeepalivedVersion(2, 2, 3)),
        "vrrp_vmac_garp_intvl": ("vrrp_garp_extra_if", KeepalivedVersion(2, 2, 3)),
    ]

    mutating func read(_ statements: [Statement]) {
        read(statements, below: Grammar.shared.root, owner: "")
    }

    private mutating func read(_ statements: [Statement], below table: Grammar.Node, owner: String) {
        for statement in statements where statement.kind == .keyword {
            guard let node = table.children[statement.keyword] else { continue }
            if let successor = Self.deprecated[statement.keyword], version >= successor.since,
                !known.contains(statement.location)
            {
                var values = StatementValues(owner: owner)
                values.note(.deprecated, statement, "write `\(successor.name)`")
                problems += values.problems
            }
            if let value = node.value, !known.contains(statement.location) {
                check(statement, value, owner: owner)
            }
            // keepalived skips the whole block when it refuses its name.
            if statement.words.count > 1, known.contains(statement.words[1].location) { continue }
            guard !node.children.isEmpty, let block = statement.block else { continue }
            let name = statement.arguments.map(\.text).joined(separator: " ")
            read(block, below: node, owner: owner.isEmpty ? name : owner)
        }
    }

    private mutating func check(_ statement: Statement, _ value: GrammarValue, owner: String) {
        var values = StatementValues(owner: owner)
        defer { problems += values.problems.filter { !known.contains($0.location) } }
        guard statement.words.count > 1 else {
            if value.isFatalWithout {
                _ = values.argument(statement)
            } else if value == .wanted {
                values.note(.missingOptionValue, statement, "keepalived ignores the line")
            }
            return
        }
        // Before 2.0 keepalived takes whatever atoi makes of a word.
        guard version >= KeepalivedVersion(2, 0, 0) else { return }
        let word = statement.words[1]
        let ignored = "keepalived ignores the line"
        switch value {
        case .required, .wanted:
            break
        case .number(let range), .optionalNumber(let range):
            _ = values.number(statement, in: range, otherwise: ignored)
        case .seconds(let low):
            _ = values.seconds(statement, in: low...Int(UInt32.max) * 1_000_000, otherwise: ignored)
        case .milliseconds(let low):
            let number = NumberText.microseconds(word.text)
            if !number.isClean || number.value / 1000 < low {
                values.note(
                    number.isClean ? .outOfRange : .notANumber, statement, text: word.text, at: word.location,
                    ignored)
            }
        case .flag:
            _ = values.flag(statement)
        case .address:
            _ = values.address(statement)
        case .one(let words):
            if !words.contains(word.text) {
                values.note(.unknownValue, statement, text: word.text, at: word.location, ignored)
            }
        }
    }
}
