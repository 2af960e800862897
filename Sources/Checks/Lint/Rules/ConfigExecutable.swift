import Keepalived

/// An executable configuration file.
///
/// - Condition: The configuration or an included file has an execute bit.
/// - Why: keepalived skips it (`is not a regular non-executable file`), and `keepalived -t` ends with 0.
/// - Remedy: Remove the execute bits.
struct ConfigExecutable: NodeRule {
    static let id = "conf-exec-bit"

    func check(_ node: LintNode) -> [Finding] {
        let included = node.configuration.diagnostics.compactMap { diagnostic -> Finding? in
            guard case .includeNotRegular(let path) = diagnostic.kind else { return nil }
            return node.finding(
                Self.id, .error, at: diagnostic.location, "`\(path)` is executable",
                effect: "keepalived skips the whole file, and its exit status does not show it",
                fix: "chmod 0640 \(path)")
        }
        let known = node.facts?.executableFiles.filter { node.configuration.files.contains($0) } ?? []
        return included
            + known.sorted().map { path in
                node.finding(
                    Self.id, .error, at: ConfigurationLocation(file: path, line: 1, column: 1),
                    "`\(path)` is executable",
                    effect: "keepalived skips the whole file, and its exit status does not show it",
                    fix: "chmod 0640 \(path)")
            }
    }
}
