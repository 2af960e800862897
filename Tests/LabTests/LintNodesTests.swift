import FoundationEssentials
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// `haops lint --nodes`: what only the nodes themselves know.
    @Suite struct LintNodesTests {
        @Test func `a pair that haops set up has no error and no warning`() async throws {
            let lab = try LabFixture.get()
            _ = try await ManagedPair.ready(on: lab)
            let linted = try await lint(lab, ["--strict"])
            #expect(linted.status == .code(0), "\(linted.text)\(linted.errorText)")
        }

        @Test func `a hand-made pair has no error, and linting changes nothing on it`() async throws {
            let lab = try LabFixture.get()
            _ = try await HandMadePair.start(on: lab)
            let before = try await traces(lab)
            let linted = try await lint(lab)
            #expect(linted.status == .code(0), "\(linted.text)\(linted.errorText)")
            #expect(try await traces(lab) == before)
        }

        @Test func `each mistake is found on its node, and only those`() async throws {
            let lab = try LabFixture.get()
            _ = try await HandMadePair.start(on: lab)
            for (node, script) in Self.breakages {
                let output = try await lab.console(node, script)
                #expect(output.status == .code(0), "\(output.errorText)")
            }
            let linted = try await lint(lab, ["-o", "json"])
            #expect(linted.status == .code(5), "\(linted.errorText)")
            let document = try FindingsAnswer(linted)
            let found = document.findings.filter { $0.severity != "info" }
                .map { "\($0.nodes.joined(separator: ",")) \($0.id)" }
            #expect(
                found.sorted() == [
                    "198.51.100.11 fw-vrrp", "198.51.100.11 iface-missing", "198.51.100.11 script-path",
                    "198.51.100.11 sysctl-unpersisted",
                    "198.51.100.12 conf-exec-bit", "198.51.100.12 ha-bind-vip", "198.51.100.12 proxy-arp",
                    "198.51.100.12 script-exec-fail",
                    "198.51.100.12 script-missing", "198.51.100.12 vip-static",
                ])
            // The daemon itself says so of the same files.
            let said = try await lab.console("lb1", "sed -i s/eth7/eth1/ \(Self.path); keepalived -t 2>&1")
            #expect(said.text.contains("Disabling track script open due to insecure"), "\(said.text)")
        }

        @Test func `a network manager is said only where it takes addresses away`() async throws {
            let lab = try LabFixture.get()
            _ = try await HandMadePair.start(on: lab)
            let network = "[Match]\nName=eth1\n[Network]\nAddress=203.0.113.11/24\nDNS=\(HandMadePair.vip)\n"
            func manage(_ text: String) async throws {
                try await lab.put(text, at: "/etc/systemd/network/10-eth1.network", on: "lb1")
                try await lab.eventually("systemctl restart systemd-networkd", on: "lb1")
                try await lab.eventually("networkctl list eth1 | grep -q configured", on: "lb1")
            }
            try await manage(network)
            let taking = try await lint(lab)
            #expect(taking.text.contains("warning networkd  198.51.100.11"), "\(taking.text)")
            #expect(!taking.text.contains("vip-static"), "\(taking.text)")
            try await manage(network + "KeepConfiguration=static\n")
            let keeping = try await lint(lab)
            #expect(!keeping.text.contains("networkd"), "\(keeping.text)")
        }

        @Test func `a node that is down is named, and the other is linted`() async throws {
            let lab = try LabFixture.get()
            _ = try await HandMadePair.start(on: lab)
            let nodes = ["lint", "--nodes", "198.51.100.11,198.51.100.19", "-F", lab.sshConfig]
            let linted = try await lab.haops(nodes)
            #expect(linted.status == .code(4))
            #expect(linted.errorText.contains("198.51.100.19"))
            #expect(!linted.text.contains("error"), "\(linted.text)")
            // What is wrong on the one that answers is said all the same, and is worse.
            _ = try await lab.console("lb1", "rm \(Self.path)")
            let worse = try await lab.haops(nodes)
            #expect(worse.status == .code(5))
            #expect(worse.text.contains("conf-missing"))
        }

        @Test func `an operator whose sudo asks for nothing sees the same`() async throws {
            let lab = try LabFixture.get()
            _ = try await HandMadePair.start(on: lab)
            _ = try await lab.console("lb1", "chmod 0600 \(Self.path)")
            let asRoot = try await lint(lab)
            let asUser = try await lint(lab, ["--user", "deploy"])
            #expect(asUser.status == .code(0), "\(asUser.errorText)")
            #expect(asUser.text == asRoot.text)
        }

        private static let path = "/etc/keepalived/keepalived.conf"

        private func lint(_ lab: LabFixture, _ options: [String] = []) async throws -> CommandOutput {
            try await lab.haops(
                ["lint", "--nodes", "198.51.100.11,198.51.100.12", "-F", lab.sshConfig] + options)
        }

        /// Whatever a read could leave behind: files, addresses, filters, processes.
        private func traces(_ lab: LabFixture) async throws -> [String] {
            var traces: [String] = []
            for node in ["lb1", "lb2"] {
                let script = """
                    find /etc /usr /var/lib /root /opt /run/haops* /tmp -xdev -newer /etc/haproxy/haproxy.cfg \
                        -type f 2>/dev/null | sort
                    ip -o addr | cut -d' ' -f1-7; iptables-save | grep -v '^#'; nft list ruleset
                    cat /run/keepalived.pid; sysctl -a 2>/dev/null | grep nonlocal
                    """
                traces.append(try await lab.console(node, script).text)
            }
            return traces
        }

        private static func script(_ name: String, _ program: String) -> String {
            """
            sed -i '/virtual_ipaddress/i track_script {\\n\(name)\\n}' \(path)
            sed -i '1i vrrp_script \(name) {\\nscript "\(program)"\\nfall 2\\n}' \(path)

            """
        }

        private static let security =
            "sed -i '1i global_defs {\\nenable_script_security\\nscript_user root\\nvrrp_garp_master_refresh 60\\n}' \(path)\n"

        private static let breakages: [(String, String)] = [
            (
                "lb1",
                "set -e\n" + security + script("open", "/etc/keepalived/open.sh")
                    + """
                    printf '#!/bin/sh\\n' >/etc/keepalived/open.sh
                    chgrp daemon /etc/keepalived/open.sh
                    chmod 0775 /etc/keepalived/open.sh
                    sed -i 's/dev eth1/dev eth7/' \(path)
                    iptables -P INPUT DROP
                    iptables -A INPUT -p tcp --dport 22 -j ACCEPT
                    sysctl -qw net.ipv4.ip_nonlocal_bind=1
                    """
            ),
            (
                "lb2",
                "set -e\n" + security + script("gone", "/etc/keepalived/gone.sh")
                    + """
                    mkdir -p /etc/keepalived/conf.d /etc/network/interfaces.d
                    printf 'vrrp_script more {\\n}\\n' >/etc/keepalived/conf.d/more.conf
                    chmod 0755 /etc/keepalived/conf.d/more.conf
                    printf 'include conf.d/*.conf\\n' >>\(path)
                    printf '#!/opt/none\\n' >/etc/keepalived/notify.sh
                    chmod 0755 /etc/keepalived/notify.sh
                    sed -i '/virtual_router_id/a notify /etc/keepalived/notify.sh' \(path)
                    printf 'iface eth1 inet static\\naddress 203.0.113.50/24\\n' >/etc/network/interfaces.d/vip
                    sed -i 's/bind :80/bind 203.0.113.50:80/' /etc/haproxy/haproxy.cfg
                    sysctl -qw net.ipv4.conf.eth1.proxy_arp=1
                    """
            ),
        ]
    }
}
