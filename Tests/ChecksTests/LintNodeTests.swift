import Addresses
import Facts
import HAProxy
import Keepalived
import Testing

@testable import Checks

@Suite struct LintNodeTests {
    private func node(_ text: String, version: KeepalivedVersion = .assumed, facts: NodeFacts? = nil)
        -> LintNode
    {
        LintNode(
            name: "lb1", path: "k.conf", files: FileSet(["k.conf": ConfigurationFile(Array(text.utf8))]),
            version: version, facts: facts)
    }

    private func findings(_ text: String, version: KeepalivedVersion = .assumed, facts: NodeFacts? = nil)
        -> [Finding]
    {
        Linter().run([node(text, version: version, facts: facts)]).findings
    }

    private let plain = """
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            virtual_ipaddress {
                203.0.113.50/24
            }
        }

        """

    @Test func `a finding names its place, what happens and what to do`() throws {
        let finding = try #require(
            findings(plain.replacing("BACKUP", with: "SLAVE")).first { $0.id == "state-invalid" })
        #expect((finding.file, finding.line, finding.column) == ("k.conf", 2, 11))
        #expect(finding.severity == .warning)
        #expect(finding.evidence == [Evidence(.file("k.conf", line: 2), "state SLAVE")])
        #expect(finding.fix == "write `state BACKUP`")
        #expect(!finding.effect.isEmpty)
    }

    @Test func `the release decides what a glued comma does`() throws {
        let text = plain.replacing("51", with: "51,")
        let old = try #require(
            findings(text, version: KeepalivedVersion(1, 2, 13)).first { $0.id == "vrid-syntax" })
        let new = try #require(findings(text).first { $0.id == "vrid-syntax" })
        #expect(old.effect.contains("takes the digits"))
        #expect(new.effect.contains("ends"))
    }

    @Test func `a comment with a reason excuses a finding, one without does not`() {
        let above = plain.replacing(
            "    state BACKUP", with: "    # haops-ignore: state-invalid -- told so\n    state SLAVE")
        let report = Linter().run([node(above)])
        #expect(!report.findings.contains { $0.id == "state-invalid" })
        #expect(report.suppressed.map(\.reason) == ["told so"])
        let bare = plain.replacing("state BACKUP", with: "state SLAVE # haops-ignore: state-invalid")
        #expect(Set(findings(bare).map(\.id)).isSuperset(of: ["state-invalid", "suppression"]))
    }

    @Test func `what a program is given to log in with is not shown`() {
        let text = """
            $DB_PASSWORD=S3CRET
            vrrp_script c {
                script "/bin/check --token=S3CRET; --password S3CRET"
            }
            vrrp_script d {
                script /bin/check --password S3CRET
            }
            SSL {
                password S3CRET surplus
            }
            """
        let all = findings(text)
        #expect(all.contains { $0.id == "script-unquoted-args" })
        #expect(all.contains { $0.id == "script-shell-syntax" })
        #expect(!"\(all)".contains("S3CRET"), "\(all)")
    }

    @Test func `a check script that searches for an address without an end`() throws {
        var facts = NodeFacts()
        facts.paths = [
            "/etc/keepalived/check.sh": NodeFacts.Path(
                path: "/etc/keepalived/check.sh",
                contents:
                    "#!/bin/sh\nVIP=203.0.113.5\nif ip addr | grep -q $VIP; then\n  curl $VIP || exit 1\nfi\n"
            )
        ]
        let text = "vrrp_script c {\nscript \"/etc/keepalived/check.sh\"\n}\n"
        let finding = try #require(findings(text, facts: facts).first { $0.id == "vip-grep-unanchored" })
        #expect(
            finding.evidence.last?.description
                == "/etc/keepalived/check.sh:3: if ip addr | grep -q $VIP; then")
    }

    @Test(arguments: [
        ("ip addr | grep -q 192.0.2.1", true), ("ip a show eth0 | grep 192.0.2.1/", false),
        ("/sbin/ip -o addr show | grep -w \"$VIP\"", true), ("ip addr show to 192.0.2.1/32", false),
        ("ifconfig | grep 192.0.2.1", true), ("# ip addr | grep 192.0.2.1", false),
        ("cat /etc/hosts | grep 192.0.2.1", false), ("ip route | grep 192.0.2.1", false),
    ])
    func `searches in the output of ip`(line: String, isUnanchored: Bool) {
        #expect((AddressSearch.unanchoredPattern(in: line) != nil) == isUnanchored)
    }

    @Test func `what only the node knows`() throws {
        var facts = try Corpus.facts()
        let policy = PacketFilter.Obstacle(
            rule: "the policy of INPUT",
            chain: .init(
                tool: .iptables(command: "iptables", isIPv6: false), name: "INPUT", hook: .input,
                dropsByDefault: true))
        facts.firewalls = ["VI_1": NodeFacts.Firewall(input: .dropped(policy))]
        facts.networkManagers = ["systemd-networkd"]
        facts.staticAddresses = [(try #require(CIDR("203.0.113.50/24")), "/etc/network/interfaces")]
        facts.sysctls = ["net.ipv4.ip_nonlocal_bind": "0", "net.ipv4.conf.eth0.proxy_arp": "1"]
        var node = node(plain, facts: facts)
        node.haproxy = HAProxyConfiguration(
            path: "haproxy.cfg",
            bytes: Array("frontend web\n  bind 203.0.113.50:80\n  timeout client 5s\n".utf8))
        let ids = Set(Linter().run([node]).findings.map(\.id))
        #expect(ids.isSuperset(of: ["fw-vrrp", "networkd", "vip-static", "proxy-arp", "ha-bind-vip"]))
    }

    @Test func `haproxy cfg: what its own check lets pass`() throws {
        let text = """
            global
                chroot /var/lib/haproxy
                stats socket /run/haproxy/admin.sock mode 660
            defaults
                timeout connect 5s
                timeout client 30s   # both ways
                timeout server 30s
            frontend web
                bind 203.0.113.50:80,[2001:db8::50]:80
                bind *:8080 name "plain text"
            frontend other
                bind 203.0.113.50:80 transparent
            defaults bare
            backend slow from bare
                server a 203.0.113.21:80
            """
        let configuration = HAProxyConfiguration(path: "haproxy.cfg", bytes: Array((text + "\n").utf8))
        #expect(
            configuration.binds.map(\.text) == [
                "203.0.113.50:80", "[2001:db8::50]:80", "*:8080", "203.0.113.50:80",
            ])
        #expect(configuration.binds[1].address == IPAddress("2001:db8::50"))
        #expect(configuration.neededDirectories.map(\.path) == ["/var/lib/haproxy", "/run/haproxy"])
        var node = node(plain)
        node.haproxy = configuration
        node.facts = NodeFacts()
        node.facts?.paths = ["/run/haproxy": NodeFacts.Path(path: "/run/haproxy", exists: false)]
        let found = Linter().run([node]).findings.filter { $0.id.hasPrefix("ha-") && $0.severity > .info }
        #expect(
            found.map { "\($0.id):\($0.line ?? 0)" }.sorted() == [
                "ha-bind-duplicate:12", "ha-path-missing:3", "ha-timeout-missing:14",
            ])
    }
}
