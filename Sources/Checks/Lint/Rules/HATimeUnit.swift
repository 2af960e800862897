import HAProxy

/// A time without a unit.
///
/// - Condition: A `timeout`, or an `inter` of a server, is a number below 500 without a unit.
/// - Why: haproxy takes it for milliseconds: `timeout client 30` closes connections after 0.03 s. `haproxy -c` says
///   nothing.
/// - Remedy: Write the unit, `30s`; or `30ms` when that is meant.
struct HATimeUnit: NodeRule {
    static let id = "ha-time-unit"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        return haproxy.shortTimes.map { time in
            Finding(
                id: Self.id, severity: .warning, nodes: [node.name], file: time.location.file,
                line: time.location.line, column: time.location.column,
                message: "`\(time.keyword) \(time.value)` is \(time.value) milliseconds",
                effect: "connections or checks end almost at once",
                fix: "write `\(time.value)s` for seconds, or `\(time.value)ms` if that is meant",
                evidence: [Evidence(at: time.location, "\(time.keyword) \(time.value)")])
        }
    }
}
