import Keepalived

/// Finds what can safely be written instead of a mistake.
///
/// A fix either leaves keepalived's reading of the file as it is (braces, deprecated keywords), or makes it what the
/// text says to its reader (typographic quotes, words outside the quotes). Whatever else changes how a cluster behaves
/// is asked for.
package struct LintFixer {
    /// A file as tokens, with the first token of each line.
    private struct Text {
        var tree: SyntaxTree
        var lines: [Int: Int] = [:]

        init(_ tree: SyntaxTree) {
            self.tree = tree
            for (index, token) in tree.tokens.enumerated() where lines[token.line] == nil {
                lines[token.line] = index
            }
        }

        /// The tokens of a line that are words of keepalived's.
        func words(ofLine line: Int) -> [SyntaxTree.Token] {
            guard let first = lines[line] else { return [] }
            return tree.tokens[first...].prefix { $0.line == line }.filter {
                $0.kind == .word || $0.kind == .quoted || $0.kind == .definition
            }
        }

        func text(of token: SyntaxTree.Token) -> String {
            String(decoding: tree.source[token.range], as: UTF8.self)
        }
    }

    private let nodes: [LintNode]
    private var texts: [String: Text] = [:]

    package init(_ nodes: [LintNode]) { self.nodes = nodes }

    /// The fixes for findings, in their order; a change that several findings ask for comes once.
    package mutating func fixes(for findings: [Finding]) -> [LintFix] {
        var seen: Set<TextEdit> = []
        return findings.compactMap { finding in
            guard var fix = fix(for: finding) else { return nil }
            fix.edits.removeAll { !seen.insert($0).inserted }
            return fix.edits.isEmpty ? nil : fix
        }
    }

    private mutating func fix(for finding: Finding) -> LintFix? {
        guard let file = finding.wantedNumber?.location.file ?? finding.file, let line = finding.line,
            let node = nodes.first(where: { $0.sources[file] != nil })
        else { return nil }
        if texts[file] == nil {
            texts[file] = Text(
                SyntaxTree(file: file, source: node.sources[file] ?? [], dialect: node.version.dialect))
        }
        guard let text = texts[file] else { return nil }
        var edits: [TextEdit] = []
        var description = finding.fix
        switch finding.id {
        case SyntaxTypographicQuotes.id:
            edits = Self.plainQuotes(text, line, file)
            description = "write plain quotes"
        case SyntaxBrace.id:
            guard let change = Self.braces(text, finding, node, file) else { return nil }
            (edits, description) = change
        case Deprecated.id:
            guard let edit = Self.successor(text, finding, node, file) else { return nil }
            edits = [edit]
            description = "write `\(edit.text)`"
        case ScriptUnquotedArguments.id:
            edits = Self.quoted(text, finding, file)
            description = "put the command between double quotes"
        case PeerWeightGap.id:
            guard let wanted = finding.wantedNumber, let edit = Self.number(text, wanted, file, line) else {
                return nil
            }
            return LintFix(
                finding: finding, description: "change the weight to \(wanted.text)", edits: [edit],
                isAsked: true)
        default:
            return nil
        }
        return edits.isEmpty ? nil : LintFix(finding: finding, description: description, edits: edits)
    }

    private static func plainQuotes(_ text: Text, _ line: Int, _ file: String) -> [TextEdit] {
        text.words(ofLine: line).compactMap { token in
            let written = text.text(of: token)
            guard TypographicQuotes.isIn(written) else { return nil }
            var plain = ""
            for scalar in written.unicodeScalars {
                if TypographicQuotes.double.contains(scalar) {
                    // Between plain quotes a further `"` would end the word.
                    plain += token.kind == .quoted ? "'" : "\""
                } else {
                    plain += TypographicQuotes.single.contains(scalar) ? "'" : String(scalar)
                }
            }
            return TextEdit(file: file, range: token.range, text: plain)
        }
    }

    private static func braces(
        _ text: Text, _ finding: Finding, _ node: LintNode, _ file: String
    ) -> (edits: [TextEdit], description: String)? {
        let line = node.configuration.diagnostics.filter {
            $0.cause == nil && $0.location.file == file && $0.location.line == finding.line
        }
        for diagnostic in line where diagnostic.location.column == finding.column {
            switch diagnostic.kind {
            case .missingCloseBraces(let count):
                let end = text.tree.source.count
                let isComplete = text.tree.source.last == UInt8(ascii: "\n") || end == 0
                return (
                    [
                        TextEdit(
                            file: file, range: end..<end,
                            text: (isComplete ? "" : "\n") + String(repeating: "}\n", count: count))
                    ], "close the block\(count == 1 ? "" : "s") at the end of the file"
                )
            case .extraCloseBrace:
                let columns = Set(line.filter { $0.kind == .extraCloseBrace }.map(\.location.column))
                guard let first = text.lines[diagnostic.location.line] else { continue }
                let tokens = text.tree.tokens[first...].prefix { $0.line == diagnostic.location.line }
                let edits = tokens.filter { $0.kind == .closeBrace && columns.contains($0.column) }.map {
                    TextEdit(file: file, range: $0.range, text: "")
                }
                guard !edits.isEmpty else { continue }
                return (edits, "remove the `}`")
            default:
                continue
            }
        }
        return nil
    }

    /// Keywords that have another name now, with the release that knows it.
    private static let successors: [String: (name: String, since: KeepalivedVersion)] = [
        "gw": ("via", KeepalivedVersion(2, 0, 0)),
        "nb_get_retry": ("retry", KeepalivedVersion(2, 1, 0)),
        "vmac_garp_intvl": ("garp_extra_if", KeepalivedVersion(2, 2, 3)),
        "vrrp_vmac_garp_intvl": ("vrrp_garp_extra_if", KeepalivedVersion(2, 2, 3)),
        "global_tracking": ("sync_group_tracking_weight", KeepalivedVersion(2, 0, 0)),
    ]

    private static func successor(
        _ text: Text, _ finding: Finding, _ node: LintNode, _ file: String
    ) -> TextEdit? {
        guard let token = text.words(ofLine: finding.line ?? 0).first(where: { $0.column == finding.column }),
            let successor = successors[text.text(of: token)], node.version >= successor.since
        else { return nil }
        return TextEdit(file: file, range: token.range, text: successor.name)
    }

    private static func quoted(_ text: Text, _ finding: Finding, _ file: String) -> [TextEdit] {
        let words = text.words(ofLine: finding.line ?? 0).filter { $0.column >= finding.column ?? 0 }
        guard let first = words.first, let last = words.last, words.count > 1,
            words.allSatisfy({ $0.kind == .word && !text.text(of: $0).contains("\\") })
        else { return [] }
        return [
            TextEdit(file: file, range: first.range.lowerBound..<first.range.lowerBound, text: "\""),
            TextEdit(file: file, range: last.range.upperBound..<last.range.upperBound, text: "\""),
        ]
    }

    /// The number behind `weight` on a line, or the word at a place.
    private static func number(
        _ text: Text, _ wanted: Finding.WantedNumber, _ file: String, _ line: Int
    ) -> TextEdit? {
        guard wanted.location.file == file else { return nil }
        let words = text.words(ofLine: wanted.location.line)
        let behindWeight = words.firstIndex { text.text(of: $0) == "weight" }.map { $0 + 1 }
        guard let index = behindWeight, words.indices.contains(index),
            text.text(of: words[index]) == wanted.current
        else { return nil }
        return TextEdit(file: file, range: words[index].range, text: wanted.text)
    }
}
