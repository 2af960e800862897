import Checks
import HaopsTestSupport
import Testing

/// What is wrong on one node while another serves, or will be wrong soon.
extension DoctorScenario {
    /// One node in FAULT, by its reason; or one balancer without a path to its servers.
    static let standbyCauses: [DoctorScenario] = [
        DoctorScenario(
            cause: .faultInterface, variant: "down on the standby",
            write: { pair in
                pair.both {
                    $0.haproxy = DoctorPair.proxy()
                    $0.instance.more.append("track_interface {\neth1\n}")
                }
            },
            act: { lab in try await lab.fault("interface-down", "lb2") },
            seen: [("lb2", inFault), proxyDown("lb2")]),
        DoctorScenario(
            cause: .faultInterface, variant: "no carrier",
            write: { $0.both { $0.instance.more.append("track_interface {\neth1\n}") } },
            act: { lab in try await lab.fault("cut-off:service", "lb2") }, seen: [("lb2", inFault)]),
        DoctorScenario(
            cause: .faultAddress, variant: "no IPv4 address",
            act: { lab in
                // Not the way in: haops comes over IPv6.
                try await lab.eventually("ip -4 address flush dev eth0", on: "lb2")
            }, seen: [("lb2", inFault)], asksOverIPv6: true),
        DoctorScenario(
            cause: .faultCheck, variant: "on one node",
            write: { pair in
                pair.addCheck("#!/bin/sh\necho \"no such file\"; test ! -e /run/failing\n")
                // A reset keeps what is in /run.
                pair.both { $0.before = "rm -f /run/failing" }
            },
            act: { lab in try await lab.eventually("touch /run/failing", on: "lb2") },
            seen: [("lb2", inFault)]),
        DoctorScenario(
            cause: .faultFile, variant: "",
            write: { pair in
                pair.both {
                    $0.preamble = "vrrp_track_file manual {\nfile /run/manual\n}\n"
                    $0.instance.more.append("track_file {\nmanual weight 1\n}")
                    $0.before = "echo 0 >/run/manual"
                }
            },
            act: { lab in try await lab.eventually("echo -254 >/run/manual", on: "lb2") },
            seen: [("lb2", inFault)]),
        DoctorScenario(
            cause: .backendPath, variant: "the standby's interface",
            write: { pair in
                pair.both {
                    $0.haproxy = DoctorPair.proxy()
                    // keepalived would go to FAULT, but for `no_track`.
                    $0.instance.addresses = ["203.0.113.50/24 dev eth1 no_track"]
                }
            },
            act: { lab in try await lab.fault("interface-down", "lb2") }, seen: [proxyDown("lb2")]),
        DoctorScenario(
            cause: .backendPath, variant: "the owner's filter",
            write: { $0.both { $0.haproxy = DoctorPair.proxy() } },
            stands: [("lb1", DoctorPair.holds), ("client", HandMadePair.answers)],
            act: { lab in
                try await lab.eventually(
                    "iptables -A OUTPUT -p tcp --dport 80 -d 203.0.113.21 -j DROP", on: "lb1")
                try await lab.eventually(
                    "iptables -A OUTPUT -p tcp --dport 80 -d 203.0.113.22 -j DROP", on: "lb1")
            }, seen: [proxyDown("lb1")]),
        DoctorScenario(
            cause: .vipDuplicateDetected, variant: "IPv6, added by hand",
            write: { $0.both { $0.instance.addresses = ["2001:db8:203::50/64 dev eth1 no_track"] } },
            stands: [("lb1", "ip -o addr show to 2001:db8:203::50 | grep -q .")],
            act: { lab in
                try await lab.eventually("ip address add 2001:db8:203::50/64 dev eth1 nodad", on: "web1")
                try await lab.eventually(
                    """
                    sysctl -w net.ipv6.conf.eth1.accept_dad=1
                    ip address del 2001:db8:203::50/64 dev eth1
                    ip address add 2001:db8:203::50/64 dev eth1
                    """, on: "lb1")
            },
            seen: [("lb1", "ip -o addr show to 2001:db8:203::50 | grep -q dadfailed")],
            mend: { lab in
                try await lab.eventually("ip address del 2001:db8:203::50/64 dev eth1", on: "web1")
            }),
        // The kernel answers for an address only when it has asked a hundred times whether anybody else has it.
        DoctorScenario(
            cause: .vipDuplicateDetected, variant: "IPv6, tentative",
            write: { $0.both { $0.instance.addresses = ["2001:db8:203::50/64 dev eth1 no_track"] } },
            stands: [("lb1", "ip -o addr show to 2001:db8:203::50 | grep -q .")],
            act: { lab in
                try await lab.eventually(
                    """
                    sysctl -w net.ipv6.conf.eth1.accept_dad=1 net.ipv6.conf.eth1.dad_transmits=100
                    ip address del 2001:db8:203::50/64 dev eth1
                    ip address add 2001:db8:203::50/64 dev eth1
                    """, on: "lb1")
            },
            seen: [("lb1", "ip -o addr show to 2001:db8:203::50 | grep -q tentative")],
            mend: { lab in
                try await lab.eventually("sysctl -w net.ipv6.conf.eth1.dad_transmits=1", on: "lb1")
            }),
    ]

    /// Nothing fails, and doctor warns.
    static let standbyWarnings: [DoctorScenario] = [
        DoctorScenario(
            cause: .backendServerDown, variant: "one of three",
            write: { $0.both { $0.haproxy = threeServers } },
            act: { lab in try await lab.fault("backend-down", "web2") },
            seen: ["lb1", "lb2"].map { ($0, serverDown) },
            mend: { lab in try await lab.heal("backend-down", "web2") }),
        DoctorScenario(
            cause: .backendLastServer, variant: "one of two",
            write: { $0.both { $0.haproxy = DoctorPair.proxy() } },
            act: { lab in try await lab.fault("backend-down", "web2") },
            seen: ["lb1", "lb2"].map { ($0, serverDown) },
            mend: { lab in try await lab.heal("backend-down", "web2") }),
        DoctorScenario(
            cause: .backendSeenDifferently, variant: "one of three, on the standby's path",
            write: { $0.both { $0.haproxy = threeServers } },
            act: { lab in
                try await lab.eventually(
                    "iptables -A OUTPUT -p tcp --dport 80 -d 203.0.113.22 -j DROP", on: "lb2")
            }, seen: [("lb2", serverDown)]),
        DoctorScenario(
            cause: .keepalivedChildDied, variant: "",
            act: { lab in try await lab.fault("keepalived-killed-child", "lb2") },
            seen: [("lb2", "journalctl -u keepalived | grep -q 'died: Respawning'")]),
        DoctorScenario(
            cause: .nodeUnreachable, variant: "", act: { lab in try await lab.fault("sshd-stopped", "lb2") }),
    ]

    /// The first and the last one are the same machine.
    private static let threeServers = DoctorPair.proxy(
        servers: "203.0.113.21:80 203.0.113.22:80 203.0.113.21:80")
    private static let serverDown = "journalctl -u haproxy | grep -q 'web/web2 is DOWN'"

    /// Keepalived says so of itself.
    private static let inFault = "journalctl -u keepalived -n 30 | grep -iq 'entering FAULT STATE'"

    private static func proxyDown(_ node: String) -> Sight {
        (node, "journalctl -u haproxy | grep -q 'no server available'")
    }
}
