import Checks
import HaopsTestSupport
import Remote
import Testing

extension OnTheLab {
    /// That a remedy which no command does heals, when somebody does what it says and no more.
    @Suite struct DescribedRemediesTests {
        let lab: LabFixture

        init() throws { lab = try LabFixture.get() }

        /// A scenario, the words of its remedy that are followed, and how.
        struct Deed: Sendable, CustomTestStringConvertible {
            typealias Step = (place: String, script: String)

            var title: String
            var words: String
            var steps: [Step] = []
            /// What only the lab can do: a cable, a port of the switch, a server.
            var repair: @Sendable (LabFixture) async throws -> Void = { _ in }

            var testDescription: String { title }
            var scenario: DoctorScenario? { DoctorScenario.titled(title) }

            static func lab(
                _ title: String, _ words: String,
                _ repair: @escaping @Sendable (LabFixture) async throws -> Void = { try await $0.healAll() }
            ) -> Deed { Deed(title: title, words: words, repair: repair) }

            static func node(_ title: String, _ words: String, _ steps: Step...) -> Deed {
                Deed(title: title, words: words, steps: steps)
            }

            /// The same on both balancers.
            static func both(_ title: String, _ words: String, _ script: String) -> Deed {
                Deed(title: title, words: words, steps: ["lb1", "lb2"].map { ($0, script) })
            }
        }

        private static let reload = "systemctl reload keepalived"
        private static func check(_ line: String) -> String {
            "printf '#!/bin/sh\\n\(line)\\n' >/etc/keepalived/check.sh"
        }
        private static func edit(_ expression: String) -> String {
            "sed -i '\(expression)' /etc/keepalived/keepalived.conf"
        }

        private static let network: [Deed] = [
            .lab("cause-no-path", "fix the network between them"),
            .lab("cause-unicast-path", "let IP protocol 112 pass between lb1 and lb2"),
            .lab("cause-advert-link-down: dont_track_primary", "repair the cable"),
            .lab("vip-link-down: cable pulled", "repair the cable"),
            .lab("service-network-split: the owner's switch port", "repair the switch port"),
            .lab("fault-interface: down on the standby", "bring it up"),
            .lab("fault-interface: no carrier", "repair its cable or switch port"),
            .lab("backend-path: the standby's interface", "then repair the path"),
            .lab("node-unreachable", "look at the node by its console"),
            .lab("backend-server-down: one of three", "check the server") { lab in
                try await lab.heal("backend-down", "web2")
            },
            .lab("backend-last-server: one of two", "check the server `web2`") { lab in
                try await lab.heal("backend-down", "web2")
            },
            .node(
                "backend-seen-differently: one of three, on the standby's path",
                "check the path from lb2 to it", ("lb2", "iptables -F OUTPUT")),
            .node(
                "cause-multicast-path", "use unicast",
                ("lb1", unicast("198.51.100.11", "198.51.100.12")),
                ("lb2", unicast("198.51.100.12", "198.51.100.11")),
                ("lb1", "systemctl restart keepalived"), ("lb2", "systemctl restart keepalived")),
            .node(
                "vip-foreign-holder: another machine has it", "take 203.0.113.50 from it",
                ("web1", "ip address del 203.0.113.50/24 dev eth1")),
            .node(
                "cloned-mac: a copied machine", "a link-layer address of its own",
                (
                    "lb2",
                    "ip link set eth1 down; ip link set eth1 address 02:00:00:00:01:0c; ip link set eth1 up"
                )),
            .node(
                "vip-port-filtered: on one node", "accept TCP port 80 in the packet filter of lb1",
                ("lb1", "iptables -I INPUT -p tcp --dport 80 -j ACCEPT")),
            .node(
                "backend-path: the owner's filter", "then repair the path", ("lb1", "iptables -F OUTPUT")),
            .node(
                "cause-reverse-path", "sysctl -w net.ipv4.conf.eth0.rp_filter=2",
                ("lb2", "sysctl -w net.ipv4.conf.eth0.rp_filter=2")),
            .node(
                "cause-unasked-node: a second MASTER", "if it is not to serve, stop keepalived on it",
                ("lb3", "systemctl stop keepalived")),
            .both(
                "cause-foreign-vrid: with tcpdump", "a virtual_router_id that no other machine on eth0 uses",
                "\(edit("s/virtual_router_id 51/virtual_router_id 77/")) && \(reload)"),
            .node(
                "vip-duplicate-detected: IPv6, added by hand",
                "take the address from it; then systemctl restart keepalived on lb1",
                ("web1", "ip address del 2001:db8:203::50/64 dev eth1"),
                ("lb1", "systemctl restart keepalived")),
        ]

        private static func unicast(_ source: String, _ peer: String) -> String {
            edit("s/^virtual_ipaddress/unicast_src_ip \(source)\\nunicast_peer {\\n\(peer)\\n}\\n&/")
        }

        private static let nodes: [Deed] = [
            .node(
                "static-vip: in the network configuration", "/etc/network/interfaces",
                ("lb2", "sed -i '/203.0.113.50/d' /etc/network/interfaces")),
            .node(
                "keepalived-dead: a fatal configuration",
                "correct what keepalived -t says on lb2 first; then systemctl start keepalived on lb2",
                ("lb2", edit("s/interface eth7/interface eth0/")), ("lb2", "systemctl start keepalived")),
            .node(
                "cause-listen-address: IPv6 unicast without unicast_src_ip",
                "write unicast_src_ip in VI_1",
                ("lb1", edit("s/^unicast_peer/unicast_src_ip 2001:db8:51::11\\n&/")),
                ("lb2", edit("s/^unicast_peer/unicast_src_ip 2001:db8:51::12\\n&/")),
                ("lb1", "systemctl restart keepalived"), ("lb2", "systemctl restart keepalived")),
            .node(
                "cause-source-absent", "on lb2: systemctl stop keepalived, put 203.0.113.12 back on eth1",
                ("lb2", "systemctl stop keepalived"),
                ("lb2", "ip address add 203.0.113.12/24 dev eth1"), ("lb2", "systemctl start keepalived")),
            .node(
                "fault-address: no IPv4 address", "its address again",
                ("lb2", "ip address add 198.51.100.12/24 dev eth0")),
            .node("fault-file", "0 in it ends the FAULT", ("lb2", "echo 0 >/run/manual")),
            .node(
                "disk-full: the owner's", "delete what fills it", ("lb1", "rm -f /var/filler /var/filler2")),
            .both(
                "vip-quiet-interface: on the other interface, arp_ignore",
                "write \"dev eth1\" behind 203.0.113.50",
                "\(edit("s/dev eth0/dev eth1/")) && \(reload)"),
            .both(
                "vip-quiet-interface: IPv6 on lo", "write \"dev eth1\" behind 2001:db8:203::50",
                "\(edit("s/dev lo/dev eth1/")) && \(reload)"),
            .both(
                "backend-all-down", "check the servers of `web`",
                "sed -i 's/:81 check/:80 check/' /etc/haproxy/haproxy.cfg && systemctl reload haproxy"),
            .node(
                "vip-removed-by-network-manager: systemd-networkd", "KeepConfiguration=static",
                (
                    "lb1",
                    "sed -i 's/^\\[Network\\]/&\\nKeepConfiguration=static/' /etc/systemd/network/10-eth1.network"
                ),
                ("lb1", "networkctl reload")),
            .node(
                "cause-daemon-stalled: the owner's process waits for a file system",
                "find the disk or file system of lb1 that does not answer",
                ("lb1", DoctorScenario.release), ("lb1", "systemctl restart keepalived")),
        ]

        private static let checks: [Deed] = [
            .both("all-fault: a check", "checks, or the check itself", check("exit 0")),
            .node("fault-check: on one node", "tests, or the check itself", ("lb2", "rm /run/failing")),
            .node(
                "check-disabled: missing", "install `/etc/keepalived/check.sh`",
                ("lb2", "install -m 755 /bin/true /etc/keepalived/check.sh"), ("lb2", reload)),
            .node(
                "check-disabled: no such interpreter", "correct the first line of /etc/keepalived/check.sh",
                ("lb1", check("exit 0")), ("lb1", reload)),
            .both(
                "check-times-out: never exits", "let `/etc/keepalived/check.sh` end by itself",
                "\(check("exit 0")); \(reload)"),
            .both(
                "check-times-out: no weight, on one node", "let `/etc/keepalived/check.sh` end by itself",
                "\(check("exit 0")); \(reload)"),
            .both(
                "check-tool-missing: both nodes in FAULT",
                "let `/etc/keepalived/check.sh` use another program",
                check("exec true")),
            .both(
                "check-tool-missing: its failure hidden, on one node",
                "let `/etc/keepalived/check.sh` use another program", check("exec true")),
            .both(
                "check-fails-everywhere: haproxy serves", "fix what it looks for",
                check("exec pidof haproxy >/dev/null")),
            .node("check-fails: on the backup", "and fix what it tests", ("lb2", check("exit 0"))),
            .node(
                "check-stops-service: keepalived, when haproxy is down",
                "end with 1 instead of running `systemctl stop keepalived`",
                ("lb1", check("exec pidof haproxy >/dev/null")),
                ("lb2", check("exec pidof haproxy >/dev/null")),
                ("lb1", "systemctl start haproxy"), ("lb1", "systemctl start keepalived")),
            .both(
                "check-stops-service: restarts haproxy again and again", "end with 1 instead of running",
                "\(check("exec pidof haproxy >/dev/null")); systemctl start haproxy"),
            .both(
                "notify-stops-haproxy: no weight: the backup is in FAULT for ever",
                "let haproxy run on every node",
                "systemctl start haproxy; \(edit("/^notify_/d")) && \(reload)"),
            .both(
                "process-check-blind", "track a script instead",
                """
                \(edit("/^vrrp_track_process/,/^}/d; /^track_process/,/^}/c track_script {\\nrunning\\n}"))
                sed -i '1i vrrp_script running {\\nscript "/usr/bin/pgrep -x haproxy"\\ninterval 1\\nweight -60\\n}' \
                /etc/keepalived/keepalived.conf
                \(reload)
                """),
        ]

        /// What `make test` does of them; `make test-doctor` does all, and HAOPS_DOCTOR_ONLY chooses.
        private static let sample: Set = [
            "cause-no-path", "fault-file", "all-fault: a check", "backend-all-down",
        ]

        static let deeds = (network + nodes + checks).filter { deed in
            deed.scenario.map { $0.isPossible && $0.isChosen(among: sample) } ?? true
        }

        @Test(arguments: deeds)
        func `done as it is described, the remedy heals`(deed: Deed) async throws {
            let scenario = try #require(deed.scenario, "no scenario is called so")
            _ = try await scenario.make(on: lab)
            let (findings, before) = try await doctor(scenario)
            let found = try #require(findings.first { $0.id == scenario.cause?.rawValue }, "\(before.text)")
            #expect(found.fix.contains(deed.words), "the remedy has other words: \(found.fix)")
            for (place, script) in deed.steps { try await lab.eventually(script, on: place) }
            try await deed.repair(lab)
            try await lab.eventually("doctor: healed by: \(found.fix)", within: .seconds(60)) {
                let (rest, output) = try await doctor(scenario)
                return output.status == .code(0) && !rest.contains { $0.id == found.id } ? true : nil
            }
        }

        private func doctor(
            _ scenario: DoctorScenario
        ) async throws -> (findings: [FindingsAnswer.Finding], output: CommandOutput) {
            let hosts =
                scenario.asksOverIPv6 ? "root@2001:db8:51::11,root@2001:db8:51::12" : "root@lb1,root@lb2"
            let output = try await lab.haops(
                ["doctor", "-o", "json", "--ssh-config", lab.sshConfig, "--nodes", hosts])
            return (try FindingsAnswer(output).findings, output)
        }
    }
}
