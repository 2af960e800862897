import HAProxy

extension LintNode {
    /// A finding at a line of haproxy's configuration, which is its first evidence.
    ///
    /// Where a condition above the line leaves open whether it counts, an error is only a warning.
    func finding(
        _ id: String, _ severity: Finding.Severity, at statement: HAProxyStatement,
        word: HAProxyFile.Word? = nil, _ message: String, effect: String, fix: String,
        evidence: [Evidence] = []
    ) -> Finding {
        let location = word.map(statement.location(of:)) ?? statement.location
        return finding(
            id, statement.isUndecided ? min(severity, .warning) : severity, at: location, message,
            effect: statement.isUndecided ? "where the condition above it holds: \(effect)" : effect,
            fix: fix,
            evidence: [Evidence(at: location, String(statement.text.prefix(160)))] + evidence)
    }

    /// A finding at a place in haproxy's configuration.
    func finding(
        _ id: String, _ severity: Finding.Severity, at location: HAProxyFile.Location, _ message: String,
        effect: String, fix: String, evidence: [Evidence] = []
    ) -> Finding {
        Finding(
            id: id, severity: severity, nodes: [name], file: location.file, line: location.line,
            column: location.column, message: message, effect: effect, fix: fix, evidence: evidence)
    }
}
