import Facts
import HAProxy

/// A certificate whose chain does not fit together.
///
/// - Condition: In the file of a certificate that the running haproxy uses, the next certificate is not the one of its issuer.
/// - Why: haproxy sends the file as it is. Clients that do not know the issuer by themselves refuse the connection: `curl` and
///   programs do, and browsers often do not, so that it goes unnoticed.
/// - Remedy: Put the intermediate certificates behind the certificate, each followed by that of its issuer.
struct HACertificateChain: NodeRule {
    static let id = "ha-cert-chain"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let served = node.facts?.servedCertificates else { return [] }
        return served.certificates.filter(\.isUsed).compactMap { certificate in
            guard let statement = haproxy.statement(naming: certificate.path) else { return nil }
            var wanted = certificate.issuer
            for link in certificate.chain {
                guard link.subject == wanted else {
                    return node.finding(
                        Self.id, .warning, at: statement,
                        "`\(certificate.path)` has the certificate of \(link.subject) where that of \(wanted) belongs",
                        effect: "clients that do not know the issuer refuse the connection",
                        fix: "put the intermediate certificates behind it, each followed by its issuer's",
                        evidence: [
                            Evidence(
                                .daemon, on: node.name,
                                "show ssl cert: Issuer: \(wanted); Chain Subject: \(link.subject)")
                        ])
                }
                wanted = link.issuer
            }
            return nil
        }
    }
}
