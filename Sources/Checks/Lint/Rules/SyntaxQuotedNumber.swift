import Keepalived

/// A quoted value on a keepalived that does not know quotes there.
///
/// - Condition: A number, a state or an interface stands between double quotes, on keepalived before 1.2.20.
/// - Why: These releases take the quote itself for the value: a number becomes 0, a state BACKUP, and an interface is
///   not found. Only scripts, names and passwords may be quoted.
/// - Remedy: Write the value without quotes.
struct SyntaxQuotedNumber: NodeRule {
    static let id = "syntax-quoted-value"

    private static let numbers: Set<String> = [
        "virtual_router_id", "priority", "advert_int", "interval", "timeout", "weight", "rise", "fall",
        "preempt_delay", "garp_master_delay", "garp_master_refresh", "garp_master_repeat",
        "garp_master_refresh_repeat", "debug", "version", "delay_loop", "persistence_timeout", "quorum",
        "hysteresis", "connect_timeout", "nb_get_retry", "delay_before_retry", "connect_port", "bind_port",
        "smtp_connect_timeout", "misc_timeout", "retry", "warmup", "uthreshold", "lthreshold", "fwmark",
    ]
    private static let words: Set<String> = [
        "state", "interface", "auth_type", "lb_algo", "lb_kind", "protocol", "mcast_src_ip", "unicast_src_ip",
    ]

    func check(_ node: LintNode) -> [Finding] {
        guard !node.version.removesQuotes else { return [] }
        var findings: [Finding] = []
        var open = node.configuration.effective.statements
        while let statement = open.popLast() {
            open += statement.block ?? []
            guard statement.words.count > 1, statement.words[1].isQuoted else { continue }
            let isNumber = Self.numbers.contains(statement.keyword)
            guard isNumber || Self.words.contains(statement.keyword) else { continue }
            findings.append(
                node.finding(
                    Self.id, .error, at: statement.words[1].location,
                    "`\(statement.keyword)` has its value between quotes",
                    effect: isNumber
                        ? "keepalived \(node.version) reads 0"
                        : "keepalived \(node.version) reads the quote itself",
                    fix: "write the value without quotes"))
        }
        return findings
    }
}
