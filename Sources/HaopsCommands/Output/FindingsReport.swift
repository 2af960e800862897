import Checks
import Inventory
import Remote

/// Findings of `lint` and `doctor` in every form of output, the worst first.
struct FindingsReport: Sendable {
    var command: String
    var findings: [Finding]
    /// Findings that a comment excuses, with its reason.
    var suppressed: [(finding: Finding, reason: String)] = []
    /// The text when there are no findings.
    var allClear: String
    /// Nodes that did not answer. They are part of the document, because an empty list of findings alone would
    /// look like a healthy cluster.
    var unreachable: [HostID] = []
    /// Show errors and warnings alone, and the summary.
    var onlyProblems = false
    /// The cluster of each node, where findings are of several ones.
    var clusters: [String: String] = [:]

    func report(style: Style) -> Report {
        Report(
            command: command,
            FindingsDocument(
                findings: findings.map { FindingsDocument.Entry($0, in: clusters) },
                suppressed: suppressed.map { .init(id: $0.finding.id, reason: $0.reason) },
                unreachable: unreachable.map(\.name)),
            text: text(style))
    }

    private func text(_ style: Style) -> String {
        func wrapped(_ words: String, indent: Int) -> Wrapped {
            Wrapped(words.safeOnOneLine, indent: indent, width: style.width)
        }
        var text = ""
        let shown = findings.filter { !onlyProblems || $0.severity > .info }.foldedByNodes
        for finding in shown {
            let nodes =
                finding.nodes.isEmpty
                ? ""
                : (finding.nodes.count > 3
                    ? NodeRange.listed(finding.nodes) : finding.nodes.joined(separator: ", ")) + ": "
            let title = style(finding.severity.tone, "\(finding.severity.rawValue) \(finding.id)")
            text += wrapped(finding.message, indent: 4).text(after: title + "  " + style(.strong, nodes))
            for line in finding.evidence {
                for part in wrapped("    \(line)", indent: 6).text(after: "").split(separator: "\n") {
                    text += style(.faint, String(part)) + "\n"
                }
            }
            if !finding.effect.isEmpty {
                text += wrapped(finding.effect, indent: 10).text(after: "  effect: ")
            }
            // Not wrapped: an operator would paste a wrapped command with its line break.
            if !finding.fix.isEmpty { text += "  fix: \(finding.fix.safeOnOneLine)\n" }
            text += "\n"
        }
        for (finding, reason) in suppressed {
            let words = "excused \(finding.id) at \(finding.place ?? "-"): \(reason)"
            text += style(.faint, wrapped(words, indent: 4).text(after: ""))
        }
        guard !findings.isEmpty else {
            let lines = allClear.split(separator: "\n").map(String.init)
            return text + lines.map { style(.good, wrapped($0, indent: 4).text(after: "")) }.joined()
        }
        let silent = unreachable.isEmpty ? "" : "; \(NodeRange.folded(unreachable)) did not answer"
        return text + summary + silent + "\n"
    }

    /// "2 errors, 1 warning".
    private var summary: String {
        Finding.Severity.allCases.reversed().compactMap { severity in
            let count = findings.foldedByNodes.count { $0.severity == severity }
            let word = severity == .info ? "remark" : severity.rawValue
            return count == 0 ? nil : "\(count) \(word)\(count == 1 ? "" : "s")"
        }.joined(separator: ", ")
    }
}

extension [Finding] {
    /// The findings, with those that differ only in their nodes put together.
    fileprivate var foldedByNodes: [Finding] {
        var folded: [Finding] = []
        for finding in self {
            let known = folded.firstIndex { other in
                other.id == finding.id && other.severity == finding.severity
                    && other.message == finding.message && other.effect == finding.effect
                    && other.fix == finding.fix && other.place == finding.place
                    && other.evidence.map(\.text) == finding.evidence.map(\.text)
            }
            if let known {
                folded[known].nodes += finding.nodes.filter { !folded[known].nodes.contains($0) }
            } else {
                folded.append(finding)
            }
        }
        return folded
    }
}

extension Finding {
    /// `FILE:LINE:COLUMN`, as far as it is known.
    var place: String? { FindingsDocument.place(file, line, column) }
}

extension Finding.Severity {
    var tone: Style.Tone {
        switch self {
        case .error: .bad
        case .warning: .warning
        case .info: .faint
        }
    }
}
