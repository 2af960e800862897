import Facts
import HAProxy
import Keepalived
import Testing

@testable import Checks

/// The rules on haproxy.cfg that need a release, a second node, or facts of the node.
@Suite struct HAProxyPairTests {
    private let defaults =
        "defaults\n    mode http\n    timeout connect 5s\n    timeout client 30s\n    timeout server 30s\n"

    private func node(_ name: String, _ text: String, version: HAProxyVersion? = nil) -> LintNode {
        LintNode(
            name: name, configuration: ConfigurationReader(path: "", bytes: []).read(path: ""),
            haproxy: HAProxyConfiguration(
                path: "\(name).cfg", bytes: Array((defaults + text).utf8), version: version))
    }

    private func found(_ nodes: LintNode...) -> [Finding] {
        Linter().run(nodes).findings.filter { $0.severity > .info }
    }

    private let pair = """
        peers pair
            peer lb1 192.0.2.11:1000
            peer lb2 192.0.2.12:1000
        frontend web
            bind 203.0.113.50:80
            default_backend app
        backend app
            server app1 192.0.2.21:80 check
            server app2 192.0.2.22:80 check

        """

    @Test func `nodes that have the same differ in nothing`() {
        #expect(
            found(node("lb1", pair), node("lb2", pair.replacing("203.0.113.50", with: "203.0.113.51")))
                .isEmpty)
    }

    @Test(arguments: [
        ("peer lb2", "peer lb3", "peers"), (":80\n    default", ":81\n    default", "ports"),
        ("bind 203.0.113.50:80", "bind 203.0.113.50:80 ssl crt /a", "certificates"),
        ("server app2 192.0.2.22:80", "server app2 192.0.2.23:80", "servers"),
        ("    default_backend app\n", "", "default backend"),
        ("app2 192.0.2.22:80 check", "app2 192.0.2.22:80 check id 9", "servers"),
    ])
    func `what differs between nodes is named`(old: String, new: String, what: String) {
        let findings = found(node("lb1", pair), node("lb2", pair.replacing(old, with: new)))
        #expect(findings.map(\.id) == ["x-ha-differs"])
        #expect(findings.first?.message.hasPrefix("the \(what) of") == true)
        #expect(findings.first?.nodes == ["lb1", "lb2"] && findings.first?.evidence.count == 2)
    }

    @Test func `the order of servers counts, because ids follow it`() {
        let other = pair.replacing("app1 192.0.2.21", with: "x").replacing(
            "app2 192.0.2.22", with: "app1 192.0.2.21"
        )
        .replacing("server x", with: "server app2 192.0.2.22")
        let findings = found(node("lb1", pair), node("lb2", other))
        #expect(findings.map(\.id) == ["x-ha-differs"])
        #expect(
            findings.first?.message.hasPrefix("the order of the servers of `backend app` differs") == true)
    }

    @Test func `a section that one node alone has is named`() {
        let findings = found(
            node("lb1", pair + "backend more\n    server a 192.0.2.9:80\n"), node("lb2", pair))
        #expect(findings.map(\.message) == ["`backend more` is on lb1 and not on lb2"])
    }

    @Test func `two nodes are not the same peer`() {
        let text = "global\n    localpeer lb1\n" + pair
        #expect(found(node("lb1", text), node("lb2", text)).map(\.id) == ["x-ha-localpeer"])
        #expect(
            found(node("lb1", text), node("lb2", text.replacing("localpeer lb1", with: "localpeer lb2")))
                .isEmpty)
    }

    @Test func `the local peer is the host's name unless the file says another`() {
        var here = node("lb1", pair)
        here.facts = NodeFacts()
        here.facts?.hostname = "lb1.example.net"
        #expect(found(here).map(\.id) == ["ha-peers-local"])
        here.facts?.hostname = "lb1"
        #expect(found(here).isEmpty)
        here.facts = nil
        #expect(found(here).isEmpty, "a file alone does not say what its host is called")
    }

    @Test func `certificates are there, and the same on both nodes`() {
        let text = pair.replacing("bind 203.0.113.50:80", with: "bind 203.0.113.50:443 ssl crt /etc/site.pem")
        var left = node("lb1", text)
        var right = node("lb2", text)
        left.facts = NodeFacts()
        right.facts = NodeFacts()
        left.facts?.certificates = ["/etc/site.pem": "aaaa"]
        right.facts?.certificates = ["/etc/site.pem": "aaaa"]
        #expect(found(left, right).isEmpty)
        right.facts?.certificates = ["/etc/site.pem": "bbbb"]
        #expect(found(left, right).map(\.id) == ["x-ha-certificates"])
        right.facts?.certificates = ["/etc/site.pem": "missing"]
        #expect(found(right).map { "\($0.id):\($0.line ?? 0)" } == ["ha-cert:10"])
    }

    @Test func `a certificate that has expired, or will soon, is told by the running haproxy`() throws {
        let text = pair.replacing("bind 203.0.113.50:80", with: "bind 203.0.113.50:443 ssl crt /etc/tls/")
        func told(_ change: (inout ServedCertificates.Certificate) -> Void) throws -> [String] {
            var certificate = ServedCertificates.Certificate(
                path: "/etc/tls/site.pem", begins: -86_400,
                ends: 365 * 86_400, subject: "/CN=a", issuer: "/CN=Sub",
                chain: [.init(subject: "/CN=Sub", issuer: "/CN=Root")])
            change(&certificate)
            var left = node("lb1", text)
            left.facts = NodeFacts()
            left.facts?.servedCertificates = ServedCertificates(now: 0, certificates: [certificate])
            return found(left).map { "\($0.severity.rawValue) \($0.id):\($0.line ?? 0) \($0.message)" }
        }
        #expect(try told { _ in } == [])
        #expect(
            try told { $0.ends = -3 * 86_400 }
                == ["error ha-cert-expiry:10 `/etc/tls/site.pem` expired 3 d ago"])
        #expect(
            try told { $0.ends = 9 * 86_400 }
                == ["warning ha-cert-expiry:10 `/etc/tls/site.pem` expires in 9 d"])
        #expect(
            try told { $0.begins = 12 * 3600 }
                == ["error ha-cert-expiry:10 `/etc/tls/site.pem` is not valid for another 12 h"])
        #expect(
            try told { $0.chain[0].subject = "/CN=Old" }
                == [
                    "warning ha-cert-chain:10 `/etc/tls/site.pem` has the certificate of /CN=Old where that of /CN=Sub belongs"
                ])
        // What nobody uses, and what no line names, is nobody's business.
        #expect(try told { ($0.ends, $0.isUsed) = (-100, false) } == [])
        #expect(try told { ($0.ends, $0.path) = (-100, "/etc/tlsx/a.pem") } == [])
    }

    @Test func `an upgrade tells what it would break`() {
        let text =
            "frontend f\n    bind :80 process 1\n    bind-process 1\n    default_backend b\nbackend b\n    reqrep ^a b\n    server a 192.0.2.1:80 check\n"
        func ids(_ version: HAProxyVersion) -> [String] {
            found(node("lb1", text, version: version)).map {
                "\($0.severity.rawValue) \($0.id) \($0.line ?? 0)"
            }
        }
        #expect(ids(HAProxyVersion(2, 0)) == ["warning ha-version-end 1"])
        #expect(
            ids(HAProxyVersion(2, 6)) == [
                "error ha-keyword-version 11", "warning ha-keyword-version 7", "warning ha-keyword-version 8",
            ])
        #expect(
            ids(HAProxyVersion(3, 0)) == [
                "error ha-keyword-version 7", "error ha-keyword-version 8", "error ha-keyword-version 11",
            ])
    }

    @Test func `a release that has ended is named by its version alone`() {
        #expect(found(node("lb1", pair, version: HAProxyVersion(2, 4, 9))).map(\.id) == ["ha-version-end"])
        #expect(found(node("lb1", pair, version: HAProxyVersion(2, 8))).isEmpty)
    }

    @Test func `a backend called default stops 3_3`() {
        let text =
            "frontend f\n    bind :80\n    default_backend default\nbackend default\n    server a 192.0.2.1:80 check\n"
        #expect(found(node("lb1", text, version: HAProxyVersion(3, 3, 1))).map(\.id) == ["ha-default-name"])
        #expect(found(node("lb1", text, version: HAProxyVersion(3, 2))).isEmpty)
    }

    @Test func `a variable that is certainly empty ends its line`() {
        var here = node(
            "lb1",
            "frontend f\n    bind :80\n    default_backend b\nbackend b\n    server a 192.0.2.1:80 \"${X}\" check\n"
        )
        #expect(found(here).isEmpty, "whether it is set is not known")
        here.haproxy = here.haproxy?.read(for: nil, environment: HAProxyEnvironment(isWhole: true))
        #expect(found(here).map(\.id) == ["ha-env-empty"])
    }

    @Test func `a comment in haproxy's file excuses a finding`() {
        let text =
            pair
            + "backend wrong\n    # haops-ignore: ha-value -- a template fills it in\n    balance fastest\n    server a 192.0.2.1:80\n"
        let report = Linter().run([node("lb1", text)])
        #expect(report.suppressed.map(\.finding.id) == ["ha-value"])
        #expect(!report.findings.contains { $0.id == "ha-value" || $0.id == "suppression" })
    }

    @Test func `a virtual address is not its own server`() {
        let keepalived =
            "vrrp_instance VI_1 {\n    interface eth0\n    virtual_router_id 51\n    virtual_ipaddress {\n        203.0.113.50/24\n    }\n}\n"
        var here = LintNode(
            name: "lb1", path: "k.conf", files: FileSet(["k.conf": ConfigurationFile(Array(keepalived.utf8))])
        )
        here.haproxy = HAProxyConfiguration(
            path: "h.cfg",
            bytes: Array((defaults + pair.replacing("192.0.2.21:80", with: "203.0.113.50:80")).utf8))
        #expect(found(here).map(\.id).contains("ha-server-vip"))
        here.facts = NodeFacts()
        here.facts?.interfaces = []
        #expect(!found(here).map(\.id).contains("ha-bind-elsewhere"))
        here.haproxy = HAProxyConfiguration(
            path: "h.cfg",
            bytes: Array((defaults + pair.replacing("203.0.113.50", with: "203.0.113.99")).utf8))
        #expect(found(here).map(\.id).contains("ha-bind-elsewhere"))
    }
}
