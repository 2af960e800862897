import Checks

/// Findings of `lint` and `doctor` in every form of output, the worst first.
struct FindingsReport: Sendable {
    var command: String
    var findings: [Finding]
    /// Findings that a comment excuses, with its reason.
    var suppressed: [(finding: Finding, reason: String)] = []
    /// What is said when there is nothing to find.
    var allClear: String

    func report(style: Style) -> Report {
        Report(
            command: command,
            members: [
                ("findings", .array(findings.map(Self.document))),
                (
                    "suppressed",
                    .array(suppressed.map { ["id": .text($0.finding.id), "reason": .text($0.reason)] })
                ),
            ],
            text: text(style),
            tsv: Table(
                columns: ["severity", "id", "nodes", "place", "message"],
                rows: findings.map {
                    [
                        Table.Cell($0.severity.rawValue), Table.Cell($0.id),
                        Table.Cell($0.nodes.joined(separator: ",")), Table.Cell($0.place ?? "-"),
                        Table.Cell($0.message),
                    ]
                }))
    }

    private func text(_ style: Style) -> String {
        var text = ""
        for finding in findings {
            let nodes = finding.nodes.isEmpty ? "" : finding.nodes.joined(separator: ", ") + ": "
            text += style(finding.severity.tone, "\(finding.severity.rawValue) \(finding.id)") + "  "
            text += style(.strong, nodes) + finding.message.safeOnOneLine + "\n"
            for line in finding.evidence { text += style(.faint, "    " + line.safeOnOneLine) + "\n" }
            if !finding.effect.isEmpty { text += "  so:  " + finding.effect.safeOnOneLine + "\n" }
            if !finding.fix.isEmpty { text += "  fix: " + finding.fix.safeOnOneLine + "\n" }
            text += "\n"
        }
        for (finding, reason) in suppressed {
            text +=
                style(.faint, "excused \(finding.id) at \(finding.place ?? "-"): \(reason.safeOnOneLine)")
                + "\n"
        }
        guard !findings.isEmpty else { return text + style(.good, allClear) + "\n" }
        return text + summary + "\n"
    }

    /// "2 errors, 1 warning".
    private var summary: String {
        Finding.Severity.allCases.reversed().compactMap { severity in
            let count = findings.count { $0.severity == severity }
            let word = severity == .info ? "remark" : severity.rawValue
            return count == 0 ? nil : "\(count) \(word)\(count == 1 ? "" : "s")"
        }.joined(separator: ", ")
    }

    private static func document(_ finding: Finding) -> OutputValue {
        [
            "id": .text(finding.id), "severity": .text(finding.severity.rawValue),
            "nodes": OutputValue(finding.nodes),
            "file": OutputValue(finding.file), "line": OutputValue(finding.line),
            "column": OutputValue(finding.column),
            "message": .text(finding.message), "effect": .text(finding.effect),
            "evidence": OutputValue(finding.evidence), "fix": .text(finding.fix),
        ]
    }
}

extension Finding {
    /// `FILE:LINE:COLUMN`, as far as it is known.
    var place: String? {
        guard let file else { return nil }
        return ([file] + [line, column].compactMap { $0.map(String.init) }).joined(separator: ":")
    }
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
