import Addresses
import Facts
import Keepalived
import Remote
import Testing

@testable import Checks

/// From what a machine says to what lint says of it.
@Suite struct LiveNodeTests {
    private static let path = "/etc/keepalived/keepalived.conf"

    /// A healthy node's answer; `change` breaks something.
    private func answer(
        _ text: String, _ change: (inout HostFacts) throws -> Void = { _ in }
    ) throws -> HostFacts {
        var facts = HostFacts(host: HostID("lb1"))
        facts.set(SystemFact.self, to: SystemInfo(hostname: "lb1.example.net", now: 1_700_000_000))
        facts.set(VersionFact.self, to: KeepalivedVersion(2, 2, 7))
        facts.set(ConfigurationFilesFact.self, to: ConfigurationEvidence(files: [Self.path: file(text)]))
        func held(_ text: String) throws -> Interface.Held { Interface.Held(cidr: try #require(CIDR(text))) }
        facts.set(
            InterfacesFact.self,
            to: [
                Interface(name: "lo", addresses: [try held("127.0.0.1/8")]),
                Interface(name: "eth0", addresses: [try held("203.0.113.11/24")]),
            ])
        facts.set(NetworkConfigurationFact.self, to: NetworkConfiguration())
        facts.set(FirewallFact.self, to: PacketFilter())
        facts.set(
            NamedPathsFact.self, to: ["/etc/keepalived/check.sh": path("/etc/keepalived/check.sh", 0o755)])
        facts.set(NamesFact.self, to: KnownNames(users: ["root"], commands: ["pidof"]))
        facts.set(KernelSettingsFact.self, to: KernelSettings())
        try change(&facts)
        return facts
    }

    private func file(_ text: String, mode: Int = 0o644) -> FileState {
        FileState(kind: .regular, mode: mode, contents: Array(text.utf8))
    }

    private func path(_ path: String, _ mode: Int, group: String = "root", interpreter: String? = "/bin/sh")
        -> NamedPath
    {
        NamedPath(
            file: NamedPath.Component(path: path, mode: mode, group: group),
            directories: [NamedPath.Component(path: "/etc/keepalived", mode: 0o755, isDirectory: true)],
            interpreter: interpreter)
    }

    private func ids(_ answer: HostFacts) -> Set<String> {
        Set(Linter().run([LintNode(name: "lb1", answer: answer)]).findings.map(\.id))
    }

    private func service(_ killMode: String?) -> [String: ServiceState] {
        var service = ServiceState(isRunning: true, detail: "active (running)")
        service.killMode = killMode
        return ["keepalived": service]
    }

    @Test(arguments: [("control-group", true), ("mixed", false), ("process", false), (nil, false)])
    func `scripts of a stop that systemd may end as they begin are named`(killMode: String?, isFound: Bool)
        throws
    {
        let own = healthy.replacing(
            "    priority 150\n", with: "    priority 150\n    notify_stop /etc/keepalived/check.sh\n")
        #expect(
            try ids(answer(own) { $0.set(ServicesFact.self, to: service(killMode)) }).contains("stop-scripts")
                == isFound)
        let others = healthy.replacing(
            "    priority 150\n", with: "    priority 150\n    notify_master /etc/keepalived/check.sh\n")
        #expect(
            try !ids(answer(others) { $0.set(ServicesFact.self, to: service(killMode)) })
                .contains("stop-scripts"))
    }

    @Test(arguments: [("STOP", true), ("MASTER", false)])
    func `of haops' own notify script it counts what it runs`(state: String, isFound: Bool) throws {
        let text = healthy.replacing(
            "    priority 150\n", with: "    priority 150\n    notify /etc/keepalived/haops-notify.sh\n")
        var script = path("/etc/keepalived/haops-notify.sh", 0o755)
        script.text = "#!/bin/sh\n# Rendered by haops; …\nlogger -t haops-notify\n\(state) /opt/x.sh\n"
        let found = try ids(
            answer(text) { facts in
                facts.set(ServicesFact.self, to: service("control-group"))
                facts.set(NamedPathsFact.self, to: ["/etc/keepalived/haops-notify.sh": script])
            })
        #expect(found.contains("stop-scripts") == isFound)
    }

    private let healthy = """
        global_defs {
            enable_script_security
            script_user root
            vrrp_garp_master_refresh 60
        }
        vrrp_script check {
            script "/etc/keepalived/check.sh"
            fall 2
            rise 2
        }
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            priority 150
            virtual_ipaddress {
                203.0.113.50/24
            }
            track_script {
                check
            }
        }

        """

    private var unicast: String {
        healthy.replacing(
            "    priority 150",
            with: "    priority 150\n    unicast_src_ip 203.0.113.11\n    unicast_peer {\n203.0.113.12\n}\n")
    }

    @Test func `a healthy node is not complained about`() throws {
        #expect(ids(try answer(healthy)).isEmpty)
        #expect(ids(try answer(unicast)).isEmpty)
    }

    @Test func `without facts lint is silent about what only the node knows`() throws {
        var facts = HostFacts(host: HostID("lb1"))
        facts.set(ConfigurationFilesFact.self, to: ConfigurationEvidence(files: [Self.path: file(healthy)]))
        #expect(ids(facts).isEmpty)
    }

    @Test func `no configuration is an error, and no other`() throws {
        let missing = try answer(healthy) {
            $0.set(ConfigurationFilesFact.self, to: ConfigurationEvidence(files: [:]))
        }
        #expect(ids(missing) == ["conf-missing"])
        let executable = try answer(healthy) {
            $0.set(
                ConfigurationFilesFact.self,
                to: ConfigurationEvidence(files: [Self.path: file(healthy, mode: 0o755)]))
        }
        #expect(ids(executable) == ["conf-exec-bit"])
    }

    @Test func `the release, the options and the includes of the node count`() throws {
        let other = "/srv/keepalived/main.conf"
        let files = [
            other: file("include conf.d/*.conf\n"),
            "/srv/keepalived/conf.d/a.conf": file(
                healthy.replacing("state BACKUP", with: "@west state SLAVE")),
            "/etc/haproxy/haproxy.cfg": file(
                "frontend web\n    bind 203.0.113.50:80\n    timeout client 5s\n"),
        ]
        var facts = try answer(healthy) {
            $0.set(
                ConfigurationFilesFact.self,
                to: ConfigurationEvidence(
                    files: files, keepalivedArguments: ["keepalived", "-D", "-f", other, "-i", "west"]))
        }
        facts.set(VersionFact.self, to: KeepalivedVersion(2, 0, 10))
        facts.set(
            KernelSettingsFact.self, to: KernelSettings(current: ["net.ipv4.ip_nonlocal_bind": "0"]))
        let node = LintNode(name: "lb1", answer: facts)
        #expect(node.version == KeepalivedVersion(2, 0, 10))
        let found = Linter().run([node]).findings
        #expect(Set(found.map(\.id)) == ["state-invalid", "ha-bind-vip"])
        #expect(found.first { $0.id == "state-invalid" }?.file == "/srv/keepalived/conf.d/a.conf")
        let newer = LintNode(name: "lb1", answer: facts, version: KeepalivedVersion(2, 3, 0))
        #expect(newer.version == KeepalivedVersion(2, 3, 0))
    }

    @Test func `options are those of the service where no daemon runs`() throws {
        let facts = try answer(healthy) {
            $0.set(
                ConfigurationFilesFact.self,
                to: ConfigurationEvidence(files: [
                    "/etc/default/keepalived": file(
                        "# DAEMON_ARGS=\"-i east\"\nDAEMON_ARGS=\"-D -i west\"\n"),
                    Self.path: file(healthy.replacing("state BACKUP", with: "@west state SLAVE")),
                ]))
        }
        #expect(ids(facts) == ["state-invalid"])
    }

    // MARK: - Scripts

    @Test(arguments: [
        (0o755, "root", true), (0o775, "root", true), (0o775, "daemon", false), (0o757, "root", false),
    ])
    func `who else may write a script decides as keepalived does`(mode: Int, group: String, isFine: Bool)
        throws
    {
        let facts = try answer(healthy) {
            $0.set(
                NamedPathsFact.self,
                to: ["/etc/keepalived/check.sh": path("/etc/keepalived/check.sh", mode, group: group)])
        }
        #expect(ids(facts) == (isFine ? [] : ["script-path"]))
        let other = try answer(healthy.replacing("script_user root", with: "script_user checker")) {
            $0.set(
                NamedPathsFact.self,
                to: ["/etc/keepalived/check.sh": path("/etc/keepalived/check.sh", mode, group: group)])
            $0.set(NamesFact.self, to: KnownNames(users: ["root", "checker"]))
        }
        // Whoever changes it is not root by that.
        #expect(ids(other).isEmpty)
    }

    @Test func `scripts that cannot run`() throws {
        func broken(_ path: NamedPath) throws -> Set<String> {
            ids(try answer(healthy) { $0.set(NamedPathsFact.self, to: ["/etc/keepalived/check.sh": path]) })
        }
        #expect(try broken(NamedPath()) == ["script-missing"])
        #expect(try broken(path("/etc/keepalived/check.sh", 0o644)) == ["script-noexec"])
        var lost = path("/etc/keepalived/check.sh", 0o755, interpreter: "/opt/none")
        lost.hasInterpreter = false
        #expect(try broken(lost) == ["script-exec-fail"])
        var text = path("/etc/keepalived/check.sh", 0o755)
        text.text = "#!/bin/sh\nsystemctl stop keepalived\n"
        #expect(try broken(text) == ["script-stops-keepalived"])
    }

    @Test func `killall is missed where it is not installed`() throws {
        let text = healthy.replacing("/etc/keepalived/check.sh", with: "/usr/bin/killall -0 haproxy")
        let facts = try answer(text) { $0.set(NamedPathsFact.self, to: ["/usr/bin/killall": NamedPath()]) }
        #expect(ids(facts) == ["script-missing", "script-psmisc", "killall-weak"])
        let installed = try answer(text) {
            $0.set(
                NamedPathsFact.self,
                to: ["/usr/bin/killall": path("/usr/bin/killall", 0o755, interpreter: nil)])
            $0.set(NamesFact.self, to: KnownNames(users: ["root"], commands: ["killall"]))
        }
        #expect(ids(installed) == ["killall-weak"])
    }

    @Test func `programs that definitions name are asked for by name`() throws {
        let text =
            "$DIR=/srv/checks\n" + healthy.replacing("\"/etc/keepalived/check.sh\"", with: "${DIR}/a.sh")
        var node = LintNode(name: "lb1", answer: try answer(text))
        #expect(node.unknownPrograms == ["/srv/checks/a.sh"])
        node.facts?.add(["/srv/checks/a.sh": path("/srv/checks/a.sh", 0o644)])
        #expect(node.unknownPrograms.isEmpty)
        #expect(Set(Linter().run([node]).findings.map(\.id)) == ["script-noexec"])
    }

    @Test func `users and mail servers that nobody knows`() throws {
        let text = healthy.replacing(
            "script_user root", with: "script_user ghost\nsmtp_server mail.example.net")
        let facts = try answer(text) {
            $0.set(
                NamesFact.self,
                to: KnownNames(users: ["root"], unresolvable: ["mail.example.net"]))
        }
        #expect(ids(facts) == ["script-user", "smtp"])
    }

    // MARK: - Addresses and settings

    @Test func `a setting that the next boot forgets`() throws {
        let facts = try answer(healthy) {
            $0.set(
                KernelSettingsFact.self,
                to: KernelSettings(
                    current: ["net.ipv4.ip_nonlocal_bind": "1", "net.ipv6.ip_nonlocal_bind": "1"],
                    persisted: ["net.ipv4.ip_nonlocal_bind": "1"]))
        }
        let found = Linter().run([LintNode(name: "lb1", answer: facts)]).findings
        #expect(found.map(\.id) == ["sysctl-unpersisted"])
        #expect(found.first?.message.contains("net.ipv6.ip_nonlocal_bind") == true)
    }

    @Test func `proxy_arp of all interfaces is that of each`() throws {
        let facts = try answer(healthy) {
            $0.set(
                KernelSettingsFact.self, to: KernelSettings(current: ["net.ipv4.conf.all.proxy_arp": "1"]))
        }
        #expect(ids(facts) == ["proxy-arp"])
    }

    @Test func `who else manages the interface, and which address`() throws {
        func facts(_ managed: Set<String>, keeping: Set<String> = []) throws -> HostFacts {
            try answer(healthy) {
                $0.set(
                    NetworkConfigurationFact.self,
                    to: NetworkConfiguration(
                        managers: ["systemd-networkd"], managedInterfaces: managed,
                        keepingInterfaces: keeping,
                        lines: [
                            try #require(
                                NetworkConfiguration.Line(
                                    path: "/etc/network/interfaces", number: 9,
                                    text: "address 203.0.113.50/24"))
                        ]))
            }
        }
        #expect(ids(try facts(["eth0"])) == ["networkd", "vip-static"])
        #expect(ids(try facts(["eth9"])) == ["vip-static"])
        #expect(ids(try facts(["eth0"], keeping: ["eth0"])) == ["vip-static"])
    }

    // MARK: - Packet filters

    private func filter(_ save: String, isIPv6: Bool = false) throws -> PacketFilter {
        try FirewallFact().parse(
            SectionOutput(
                "@save \(isIPv6 ? "ip6tables" : "iptables")\n*filter\n:INPUT DROP [0:0]\n:OUTPUT ACCEPT [0:0]\n\(save)\nCOMMIT\n@end\n"
            ))
    }

    @Test(arguments: [
        ("-A INPUT -p tcp -j ACCEPT", ["fw-vrrp"], ["fw-vrrp"]), ("-A INPUT -p 112 -j ACCEPT", [], []),
        ("-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT", ["fw-vrrp"], ["fw-unicast"]),
        ("-A INPUT -s 203.0.113.12/32 -p vrrp -j ACCEPT", [], []),
        ("-A INPUT -i eth9 -p vrrp -j ACCEPT", ["fw-vrrp"], ["fw-vrrp"]),
        ("-A INPUT -p vrrp -m set --match-set peers src -j ACCEPT", [], []),
        ("-A INPUT -j ACCEPT\n-A OUTPUT -p vrrp -j DROP", ["fw-vrrp"], ["fw-vrrp"]),
    ])
    func `a filter's word on adverts, by multicast and by unicast`(
        rules: String, multicastIDs: [String], unicastIDs: [String]
    ) throws {
        let filter = try filter(rules)
        #expect(ids(try answer(healthy) { $0.set(FirewallFact.self, to: filter) }) == Set(multicastIDs))
        #expect(ids(try answer(unicast) { $0.set(FirewallFact.self, to: filter) }) == Set(unicastIDs))
    }

    @Test func `a filter of the other family is none, and AH is another protocol`() throws {
        let six = try filter("", isIPv6: true)
        #expect(ids(try answer(healthy) { $0.set(FirewallFact.self, to: six) }).isEmpty)
        let header = healthy.replacing(
            "    priority 150",
            with: "    priority 150\n    authentication {\n    auth_type AH\n    auth_pass s3cret\n    }")
        let vrrp = try filter("-A INPUT -p vrrp -j ACCEPT")
        let found = ids(try answer(header) { $0.set(FirewallFact.self, to: vrrp) })
        #expect(found.contains("fw-vrrp"))
    }

    // MARK: - Between nodes

    @Test func `clocks and networks that differ are said of peers`() throws {
        let first = LintNode(name: "lb1", answer: try answer(healthy), clockOffset: 0.2)
        let elsewhere = try answer(healthy.replacing("priority 150", with: "priority 100")) {
            $0.set(
                InterfacesFact.self,
                to: [
                    Interface(
                        name: "eth0",
                        addresses: [Interface.Held(cidr: try #require(CIDR("198.51.100.12/24")))])
                ])
        }
        let second = LintNode(name: "lb2", answer: elsewhere, clockOffset: -3)
        let found = Linter().run([first, second]).findings
        #expect(Set(found.map(\.id)) == ["x-l2", "x-time", "vip-off-subnet"])
        #expect(found.first { $0.id == "x-time" }?.nodes.sorted() == ["lb1", "lb2"])
        let twin = LintNode(
            name: "lb2", answer: try answer(healthy.replacing("priority 150", with: "priority 100")),
            clockOffset: 1)
        #expect(Linter().run([first, twin]).findings.isEmpty)
    }
}
