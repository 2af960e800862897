import HAProxy

/// A time without a unit.
///
/// - Condition: A `timeout`, or an `inter` of a server, is a number below 500 without a unit, or a `timeout` has a unit that
///   haproxy does not know (`5sec`).
/// - Why: haproxy takes it for milliseconds: `timeout client 30` closes connections after 0.03 s, and
///   `haproxy -c` says nothing. Of an unknown unit it warns, and later releases refuse it.
/// - Remedy: Write the unit, `30s`; or `30ms` when that is meant.
struct HATimeUnit: NodeRule {
    static let id = "ha-time-unit"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        let unknown = haproxy.sections.flatMap(\.statements).compactMap { statement -> Finding? in
            guard statement.keyword == "timeout", statement.modifier == nil,
                let word = statement.arguments.dropFirst().first, !word.hasVariables,
                word.value.first?.isNumber == true, HAProxyTime(word.value) == nil
            else { return nil }
            return node.finding(
                Self.id, .warning, at: statement, word: word,
                "`\(word.value)` has no unit that haproxy knows",
                effect: "haproxy takes another time than is meant, or does not start",
                fix: "write `us`, `ms`, `s`, `m`, `h` or `d` behind the number")
        }
        return unknown
            + haproxy.shortTimes.map { time in
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
