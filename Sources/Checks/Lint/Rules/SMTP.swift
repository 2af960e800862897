import Keepalived

/// Mail that cannot be delivered.
///
/// - Condition: `smtp_server` is the address of the shipped example, or a name that does not resolve.
/// - Why: Alerts are lost, and a name that does not resolve makes `keepalived -t` fail.
/// - Remedy: Name a real mail server, or remove the mail settings.
struct SMTP: NodeRule {
    static let id = "smtp"

    func check(_ node: LintNode) -> [Finding] {
        guard let server = node.configuration.global.smtpServer, let place = server.location else {
            return []
        }
        let isExample = server.value == "192.168.200.1"
        guard isExample || node.facts?.unresolvableNames.contains(server.value) == true else { return [] }
        return [
            node.finding(
                Self.id, .warning, at: place,
                isExample
                    ? "the mail server is the one of the shipped example"
                    : "the mail server `\(server.value)` does not resolve",
                effect: "alerts are lost", fix: "name a real mail server, or remove the mail settings")
        ]
    }
}
