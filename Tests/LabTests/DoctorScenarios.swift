import Checks
import FoundationEssentials
import HaopsTestSupport
import Testing

/// One thing made for real in the lab, and what doctor is to call it.
struct DoctorScenario: Sendable, CustomTestStringConvertible {
    typealias Sight = (place: String, script: String)

    /// The cause that must be found; `nil` for a cluster that is well.
    var cause: DoctorID?
    /// What tells it from others with the same cause.
    var variant: String
    /// How the pair is written.
    var write: @Sendable (inout DoctorPair) -> Void = { _ in }
    /// What stands before anything is broken.
    var stands: [Sight] = [("lb1", DoctorPair.holds), ("lb2", DoctorPair.holdsNot)]
    /// What is then done to it.
    var act: @Sendable (LabFixture) async throws -> Void = { _ in }
    /// What is seen of it before doctor is called.
    var seen: [Sight] = []
    /// Wants a third balancer: `lab/lab up --balancers 3`.
    var needsThree = false
    /// Ask by an inventory with an observer.
    var hasObserver = false
    /// Mends what a reset of the lab does not.
    var mend: @Sendable (LabFixture) async throws -> Void = { _ in }
    /// The nodes are reached by their IPv6 addresses.
    var asksOverIPv6 = false
    /// What `who` says of the first address, where that is the point.
    var verdict: String?

    var title: String { (cause?.rawValue ?? "healthy") + (variant.isEmpty ? "" : ": \(variant)") }
    var testDescription: String { title }

    /// Starts the pair, breaks it, and waits until what is to be seen of it stands.
    func make(on lab: LabFixture) async throws -> DoctorPair {
        var pair = DoctorPair()
        write(&pair)
        try await pair.start(on: lab)
        for (place, script) in stands { try await lab.eventually(script, on: place) }
        try await act(lab)
        for (place, script) in seen { try await lab.eventually(script, on: place) }
        return pair
    }

    static let split: [Sight] = [("lb1", DoctorPair.holds), ("lb2", DoctorPair.holds)]
    static let moved: [Sight] = [("lb1", DoctorPair.holdsNot), ("lb2", DoctorPair.holds)]
    static let withoutTcpdump = "chmod 0 /usr/bin/tcpdump"

    /// For work on some of them: words that their titles contain, separated by commas.
    private static let only = (ProcessInfo.processInfo.environment["HAOPS_DOCTOR_ONLY"] ?? "").split(
        separator: ",")
    var isWanted: Bool { Self.only.contains { title.contains($0) } }

    /// Whether it runs, where `sample` does unless others are asked for.
    func isChosen(among sample: Set<String>) -> Bool {
        Self.only.isEmpty ? Sweep.isWhole || sample.contains(title) : isWanted
    }

    /// Everything that is wrong, and has a cause.
    private static let everyCause =
        allCauses + answerCauses + advertCauses + checkCauses + standbyCauses + daemonCauses

    /// The one with this title, errors and warnings alike.
    static func titled(_ title: String) -> DoctorScenario? {
        (everyCause + warnings + standbyWarnings + daemonWarnings).first { $0.title == title }
    }

    static let causes: [DoctorScenario] = {
        var seen: Set<DoctorID?> = []
        return chosen(
            of: everyCause.filter { Sweep.isWhole || $0.isWanted || seen.insert($0.cause).inserted }, every: 3
        )
    }()
    static let allWarnings: [DoctorScenario] = chosen(
        of: warnings + standbyWarnings + daemonWarnings, every: 2)
    static let healthy: [DoctorScenario] = chosen(
        of: allHealthy + answeringWell + advertsWell + unusualButWell + healthyKinds, every: 4)

    private static func chosen(of all: [DoctorScenario], every step: Int) -> [DoctorScenario] {
        let possible = all.filter(\.isPossible)
        return only.isEmpty ? Sweep.part(of: possible, every: step) : possible.filter(\.isWanted)
    }
    var isPossible: Bool { !needsThree || (LabFixture.running?.balancers.count ?? 0) > 2 }

    private static let allCauses: [DoctorScenario] =
        [
            fault(.firewallInput, "vrrp-input-dropped", "lb2"),
            DoctorScenario(
                cause: .firewallInput, variant: "policy drop, no tcpdump",
                act: { lab in
                    try await lab.eventually(
                        withoutTcpdump
                            + "; iptables -A INPUT -p tcp --dport 22 -j ACCEPT; iptables -P INPUT DROP",
                        on: "lb2")
                }, seen: split),
            DoctorScenario(
                cause: .firewallInput, variant: "nftables",
                act: { lab in
                    try await lab.eventually(
                        "nft add table inet f; nft 'add chain inet f in { type filter hook input priority 0; }';"
                            + " nft add rule inet f in tcp dport 22 accept; nft add rule inet f in ip protocol 112 drop",
                        on: "lb2")
                }, seen: split),
            fault(.firewallOutput, "vrrp-output-dropped", "lb1"),
            DoctorScenario(
                cause: .conntrackUnicast, variant: "",
                write: { pair in
                    pair.useUnicast()
                    pair.lb2.before = """
                        iptables -A INPUT -i lo -j ACCEPT
                        iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
                        iptables -A INPUT -p icmp -j ACCEPT
                        iptables -A INPUT -p tcp --dport 22 -j ACCEPT
                        iptables -P INPUT DROP
                        """
                },
                stands: [("lb2", "journalctl -u keepalived | grep -q 'Entering MASTER'")],
                seen: [("lb1", DoctorPair.holds), ("lb2", DoctorPair.holdsNot)]),
            fault(.multicastPath, "multicast-lost", "lb2"),
            DoctorScenario(
                cause: .multicastPath, variant: "no tcpdump",
                act: { lab in
                    for node in ["lb1", "lb2"] { try await lab.eventually(withoutTcpdump, on: node) }
                    try await lab.fault("multicast-lost", "lb2")
                }, seen: split),
            cut("") { _ in },
            cut("equal priorities, meant so") { pair in
                pair.both {
                    $0.instance.priority = 100
                    $0.instance.more.append("nopreempt")
                }
            },
            cut("other intervals, version 3") { $0.lb2.instance.interval = "2" },
            written(.routerIDDiffers) { $0.lb2.instance.routerID = 52 },
            foreign(.foreignRouterID, "with tcpdump", before: ""),
            foreign(.advertsRefused, "another cluster's, no tcpdump", before: withoutTcpdump),
            written(.authentication) { pair in
                pair.speakVersion2()
                pair.lb1.instance.password = "right"
                pair.lb2.instance.password = "wrong"
            },
            written(.authentication, "on one node only") { pair in
                pair.speakVersion2()
                pair.lb1.instance.password = "right"
            },
            written(.advertInterval) { pair in
                pair.speakVersion2()
                pair.lb2.instance.interval = "2"
            },
            written(.vrrpVersion) { pair in
                pair.both { $0.instance.interval = "1" }
                pair.lb2.instance.version = 2
            },
            written(.vipSet) { $0.lb2.instance.addresses.append("203.0.113.51/24 dev eth1") },
            written(.transportMixed) { pair in
                pair.useUnicast()
                pair.lb1.instance.unicast = nil
            },
            written(.unicastPeers, "wrong peer") { pair in
                pair.useUnicast()
                pair.lb1.instance.unicast?.peers = ["198.51.100.99"]
            },
            DoctorScenario(
                cause: .samePriority, variant: "",
                write: { $0.both { $0.instance.priority = 100 } },
                stands: [], seen: [("control", "true")]),
            DoctorScenario(
                cause: .bothOwner, variant: "",
                write: { pair in
                    pair.both {
                        $0.instance.priority = 255
                        $0.instance.state = "MASTER"
                    }
                }, stands: [], seen: [("lb2", DoctorPair.holds)]),
            DoctorScenario(
                cause: .leftoverVIP, variant: "",
                act: { lab in try await lab.fault("keepalived-killed", "lb1") }, seen: split),
            DoctorScenario(
                cause: .staticVIP, variant: "by hand",
                act: { lab in try await lab.eventually("ip addr add \(DoctorPair.vip)/32 dev eth1", on: "lb2")
                },
                seen: split),
            DoctorScenario(
                cause: .staticVIP, variant: "in the network configuration",
                act: { lab in
                    try await lab.eventually(
                        "echo '    up ip addr add \(DoctorPair.vip)/32 dev eth1' >>/etc/network/interfaces",
                        on: "lb2")
                }),
            DoctorScenario(
                cause: .staleARP, variant: "",
                act: { lab in
                    try await lab.eventually(
                        "ip neigh replace \(DoctorPair.vip) lladdr 02:00:00:00:01:99 dev eth1 nud stale",
                        on: "client")
                }, hasObserver: true),
            DoctorScenario(
                cause: .keepalivedDead, variant: "stopped",
                act: { lab in try await lab.fault("keepalived-stopped", "lb2") }),
            DoctorScenario(
                cause: .keepalivedDead, variant: "a fatal configuration",
                act: { lab in
                    try await lab.eventually(
                        "sed -i 's/interface eth0/interface eth7/' /etc/keepalived/keepalived.conf; systemctl restart keepalived; true",
                        on: "lb2")
                }, seen: [("lb2", "! pgrep -x keepalived")]),
            DoctorScenario(
                cause: .allFault, variant: "a check",
                write: { $0.addCheck("#!/bin/sh\necho 'the backend says 503'\nexit 1\n") },
                stands: [],
                seen: ["lb1", "lb2"].map { ($0, "journalctl -u keepalived | grep -q 'Script(check) failed'") }
            ),
            DoctorScenario(
                cause: .checkDisabled, variant: "not executable",
                write: { pair in
                    pair.addCheck("#!/bin/sh\nexit 0\n")
                    pair.lb1.scripts = [:]
                    pair.lb1.before = "install -D -m 644 /bin/true /etc/keepalived/check.sh"
                }),
            DoctorScenario(
                cause: .checkDisabled, variant: "missing",
                write: { pair in
                    pair.addCheck("#!/bin/sh\nexit 0\n")
                    pair.lb2.scripts = [:]
                }),
            DoctorScenario(
                cause: .checkDisabled, variant: "insecure",
                write: { pair in
                    pair.addCheck("#!/bin/sh\nexit 0\n")
                    pair.both {
                        $0.preamble =
                            "global_defs {\nenable_script_security\nscript_user root\n}\n" + $0.preamble
                    }
                    pair.lb1.scripts = [:]
                    pair.lb1.before = "install -D -m 777 /bin/true /etc/keepalived/check.sh"
                }),
            DoctorScenario(
                cause: .checkNeverMoves, variant: "",
                write: { $0.addCheck("#!/bin/sh\nexit 0\n", weight: -20) }),
            DoctorScenario(
                cause: .nopreemptStuck, variant: "",
                write: { pair in
                    pair.addCheck("#!/bin/sh\ntest ! -e /run/broken\n", weight: -60)
                    pair.both { $0.instance.more.append("nopreempt") }
                },
                act: { lab in try await lab.eventually("touch /run/broken", on: "lb1") },
                seen: [("lb1", "journalctl -u keepalived | grep -q 'effective priority from 150 to 90'")]),
            DoctorScenario(
                cause: .vipBlockedStrict, variant: "",
                write: { pair in
                    pair.speakVersion2()
                    pair.both { $0.preamble = "global_defs {\nvrrp_strict\n}\n" }
                },
                seen: [("client", "! ping -c1 -W1 \(DoctorPair.vip)")]),
            DoctorScenario(
                cause: .haproxyCannotBind, variant: "",
                write: { pair in
                    pair.both {
                        $0.before = "sysctl -w net.ipv4.ip_nonlocal_bind=0"
                        $0.haproxy = DoctorPair.proxy(bind: "\(DoctorPair.vip):80")
                    }
                },
                act: { lab in
                    try await lab.eventually(
                        "systemctl reset-failed haproxy; systemctl start haproxy", on: "lb1")
                },
                seen: [
                    ("lb1", "systemctl is-active haproxy"), ("lb2", "systemctl is-failed haproxy"),
                ]),
            DoctorScenario(
                cause: .haproxyDownVIPStays, variant: "",
                write: { $0.both { $0.haproxy = DoctorPair.proxy() } },
                act: { lab in try await lab.fault("haproxy-stopped", "lb1") }),
            DoctorScenario(
                cause: .writtenNotLoaded, variant: "",
                act: { lab in
                    try await lab.eventually(
                        "sed -i 's/priority 100/priority 120/' /etc/keepalived/keepalived.conf", on: "lb2")
                }),
            DoctorScenario(
                cause: .vipRemovedByNetworkManager, variant: "systemd-networkd",
                act: { lab in
                    try await lab.put(
                        "[Match]\nName=eth1\n[Network]\nAddress=203.0.113.11/24\n",
                        at: "/etc/systemd/network/10-eth1.network", on: "lb1")
                    try await lab.eventually("systemctl start systemd-networkd", on: "lb1")
                    try await lab.eventually("networkctl list eth1 | grep -qE 'configur(ed|ing)'", on: "lb1")
                    try await lab.eventually("networkctl reconfigure eth1", on: "lb1")
                },
                seen: [
                    ("lb1", "journalctl -u keepalived | grep -q 'Entering BACKUP STATE$'"),
                    ("lb1", DoctorPair.holds),
                ]),
            DoctorScenario(
                cause: .backendAllDown, variant: "",
                write: {
                    $0.both { $0.haproxy = DoctorPair.proxy(servers: "203.0.113.21:81 203.0.113.22:81") }
                },
                seen: ["lb1", "lb2"].map { ($0, "journalctl -u haproxy | grep -q 'no server available'") }),
        ]

    private static let allHealthy: [DoctorScenario] = [
        DoctorScenario(variant: "multicast"),
        DoctorScenario(
            variant: "version 2 with a password",
            write: { pair in
                pair.speakVersion2()
                pair.both { $0.instance.password = "secret12" }
            }),
        DoctorScenario(variant: "unicast", write: { $0.useUnicast() }),
        DoctorScenario(
            variant: "IPv6",
            write: { $0.both { $0.instance.addresses = ["2001:db8:203::50/64 dev eth1"] } },
            stands: [("lb1", "ip -o addr show to 2001:db8:203::50 | grep -q .")]),
        DoctorScenario(
            variant: "active-active",
            write: { pair in
                pair.lb1.instances.append(
                    DoctorPair.Instance(
                        name: "VI_2", routerID: 52, priority: 100, addresses: ["203.0.113.51/24 dev eth1"]))
                pair.lb2.instances.append(
                    DoctorPair.Instance(
                        name: "VI_2", routerID: 52, priority: 150, addresses: ["203.0.113.51/24 dev eth1"]))
            },
            stands: [
                ("lb1", DoctorPair.holds), ("lb2", "ip -o addr show to 203.0.113.51 | grep -q ."),
                ("lb1", "! ( ip -o addr show to 203.0.113.51 | grep -q . )"),
            ]),
        DoctorScenario(
            variant: "three nodes",
            write: { $0.nodes["lb3"] = DoctorPair.Node(instances: [DoctorPair.Instance(priority: 50)]) },
            needsThree: true),
        DoctorScenario(
            variant: "nopreempt",
            write: { $0.both { $0.instance.more.append("nopreempt") } }),
        DoctorScenario(
            variant: "nopreempt, owned by the lower priority",
            write: { $0.both { $0.instance.more.append("nopreempt") } },
            act: { lab in
                try await lab.eventually("systemctl stop keepalived", on: "lb1")
                try await lab.eventually(DoctorPair.holds, on: "lb2")
                try await lab.eventually("systemctl start keepalived", on: "lb1")
            },
            seen: [
                ("lb1", "journalctl -u keepalived -n 5 | grep -q 'Entering BACKUP'"),
                ("lb2", DoctorPair.holds),
            ]),
        DoctorScenario(
            variant: "sync group",
            write: { pair in
                pair.both { node in
                    node.preamble = "vrrp_sync_group G {\ngroup {\nVI_1\nVI_2\n}\n}\n"
                    node.instances.append(
                        DoctorPair.Instance(
                            name: "VI_2", routerID: 52, priority: node.instance.priority,
                            addresses: ["203.0.113.51/24 dev eth1"]))
                }
            }),
        DoctorScenario(
            variant: "behind iptables, policy drop",
            write: { pair in
                pair.both {
                    $0.before = """
                        for t in iptables ip6tables; do
                        $t -A INPUT -i lo -j ACCEPT
                        $t -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT
                        $t -A INPUT -p tcp --dport 22 -j ACCEPT
                        $t -A INPUT -p vrrp -j ACCEPT
                        $t -P INPUT DROP
                        $t -P FORWARD DROP
                        done
                        """
                }
            }),
        DoctorScenario(
            variant: "behind nftables, policy drop",
            write: { pair in
                pair.both {
                    $0.before = """
                        nft -f - <<'END'
                        table inet filter {
                          chain input {
                            type filter hook input priority filter; policy drop;
                            iif "lo" accept
                            ct state established,related accept
                            tcp dport { 22, 80 } accept
                            icmp type echo-request accept
                            ip protocol vrrp ip daddr 224.0.0.18 accept
                          }
                        }
                        END
                        """
                }
            }),
        DoctorScenario(
            variant: "checks and haproxy",
            write: { pair in
                pair.addCheck("#!/bin/sh\nexec pgrep -x haproxy >/dev/null\n", weight: -60)
                pair.both { $0.haproxy = DoctorPair.proxy() }
            },
            seen: ["lb1", "lb2"].map { ($0, "curl -s --max-time 1 http://127.0.0.1/ | grep -q ^web") }),
    ]

    // MARK: - Shapes that several have

    private static func fault(_ cause: DoctorID, _ name: String, _ node: String) -> DoctorScenario {
        DoctorScenario(cause: cause, variant: "", act: { try await $0.fault(name, node) }, seen: split)
    }

    /// A mistake in the files that makes both nodes MASTER.
    private static func written(
        _ cause: DoctorID, _ variant: String = "", _ write: @escaping @Sendable (inout DoctorPair) -> Void
    ) -> DoctorScenario {
        DoctorScenario(cause: cause, variant: variant, write: write, stands: [], seen: split)
    }

    /// No wire between the nodes, whatever their files say.
    private static func cut(_ variant: String, _ write: @escaping @Sendable (inout DoctorPair) -> Void)
        -> DoctorScenario
    {
        DoctorScenario(
            cause: .noPath, variant: variant, write: write, stands: [],
            act: { lab in
                // Somebody is MASTER, so that the cut is what makes a second one.
                try await lab.eventually("ping -c1 -W1 \(DoctorPair.vip)", on: "client")
                for node in ["lb1", "lb2"] { try await lab.fault("isolated", node) }
            }, seen: split)
    }

    /// Another cluster, on lb3, with the same router id and other addresses.
    private static func foreign(_ cause: DoctorID, _ variant: String, before: String) -> DoctorScenario {
        DoctorScenario(
            cause: cause, variant: variant,
            write: { pair in pair.both { $0.before = before } },
            act: { lab in
                let other = DoctorPair.Instance(priority: 120, addresses: ["203.0.113.90/24 dev eth1"])
                try await lab.put(other.text, at: "/etc/keepalived/keepalived.conf", on: "lb3")
                try await lab.eventually("systemctl start keepalived", on: "lb3")
            }, seen: [("lb3", "ip -o addr show to 203.0.113.90 | grep -q .")], needsThree: true)
    }
}
