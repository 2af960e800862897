import Facts
import HAProxy
import Remote

/// A certificate whose time is over, or soon.
///
/// - Condition: A certificate that the running haproxy uses has expired, is not valid yet, or expires within three weeks, by the
///   node's clock. haproxy tells of its certificates since 2.2, on a stats socket of the level `operator` or `admin`.
/// - Why: Clients refuse the connection. A certificate that was renewed in its file counts from the next reload on.
/// - Remedy: Renew it on every node, and reload haproxy.
struct HACertificateExpiry: NodeRule {
    static let id = "ha-cert-expiry"

    /// Those who renew by a machine do it a month before the end.
    private static let soon = 21 * 86_400

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let served = node.facts?.servedCertificates else { return [] }
        return served.certificates.filter(\.isUsed).compactMap { certificate in
            guard let statement = haproxy.statement(naming: certificate.path) else { return nil }
            func finding(_ severity: Finding.Severity, _ words: String, _ effect: String) -> Finding {
                node.finding(
                    Self.id, severity, at: statement, "`\(certificate.path)` \(words)", effect: effect,
                    fix: "renew it on every node, and reload haproxy",
                    evidence: [Evidence(.daemon, on: node.name, "show ssl cert: \(certificate.subject)")])
            }
            func time(_ seconds: Int) -> String { Duration.seconds(seconds).roughly }
            if let ends = certificate.ends, ends <= served.now {
                return finding(
                    .error, "expired \(time(served.now - ends)) ago", "clients refuse the connection")
            }
            if let begins = certificate.begins, begins > served.now {
                return finding(
                    .error, "is not valid for another \(time(begins - served.now))",
                    "clients refuse the connection")
            }
            if let ends = certificate.ends, ends - served.now < Self.soon {
                return finding(
                    .warning, "expires in \(time(ends - served.now))",
                    "from then on clients refuse the connection")
            }
            return nil
        }
    }
}
