import HAProxy

/// A release of haproxy that gets no fixes any more.
///
/// - Condition: haproxy's release is known, by the node or by `--haproxy-version`, and its branch ended before this release
///   of haops.
/// - Why: Faults that others publish stay open. The dates are those that `haproxy -v` prints: 2.4 until Q2 2026, 2.6 until Q2
///   2027, 2.8 until Q2 2028, 3.0 until Q2 2029, 3.2 until Q2 2030, 3.4 until Q2 2031; odd numbers end after a year.
/// - Remedy: Upgrade to a branch with an even number; see what changes with `haops lint --haproxy-version`.
struct HAVersionEnd: NodeRule {
    static let id = "ha-version-end"

    /// The quarter before that of this release of haops. A rule has no clock.
    private static let past = HAProxyVersion.Quarter(2026, 3)

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let version = haproxy.version, let end = version.endOfLife,
            end <= Self.past
        else { return [] }
        return [
            node.finding(
                Self.id, .warning, at: HAProxyFile.Location(file: haproxy.path, line: 1, column: 1),
                "haproxy \(version.branchName) has had no fixes since \(end)",
                effect: "faults that others publish stay open", fix: "upgrade to a branch that is maintained")
        ]
    }
}
