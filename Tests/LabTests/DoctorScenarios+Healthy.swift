import Checks
import HaopsTestSupport
import Testing

/// Set-ups of the field that are unusual and well: doctor finds nothing, who says `owned`, and fix has nothing to do.
extension DoctorScenario {
    static let healthyKinds: [DoctorScenario] = [
        well("use_vmac") { pair in pair.both { $0.instance.more.append("use_vmac") } },
        well("use_vmac, vmac_xmit_base") { pair in
            pair.both { $0.instance.more += ["use_vmac", "vmac_xmit_base"] }
        },
        well("use_vmac, unicast") { pair in
            pair.useUnicast()
            pair.both { $0.instance.more += ["use_vmac", "vmac_xmit_base"] }
        },
        well("address as /32") { $0.both { $0.instance.addresses = ["203.0.113.50/32 dev eth1"] } },
        well("20 addresses and 200 excluded") { pair in
            pair.both {
                $0.instance.addresses = (50..<70).map { "203.0.113.\($0)/24 dev eth1" }
                let excluded = (0..<200).map { "203.0.112.\($0 + 20)/24 dev eth1" }
                $0.instance.more.append(
                    "virtual_ipaddress_excluded {\n\(excluded.joined(separator: "\n"))\n}")
            }
        },
        DoctorScenario(
            variant: "IPv6, link-local first",
            write: { pair in
                pair.both {
                    $0.instance.addresses = ["fe80::50/64 dev eth1", "2001:db8:203::50/64 dev eth1"]
                }
            }, stands: [("lb1", "ip -o addr show to 2001:db8:203::50 | grep -q .")]),
        well("names that differ") { $0.lb2.instance.name = "VI_WEB" },
        well("instances in a file that is included") { pair in
            pair.both { node in
                // Not among the scripts: keepalived takes no executable file.
                node.before = """
                    mkdir -p /etc/keepalived/conf.d
                    cat >/etc/keepalived/conf.d/vi.conf <<'END'
                    \(node.instances.map(\.text).joined())
                    END
                    """
                node.preamble = "include /etc/keepalived/conf.d/*.conf\n"
                node.instances = []
            }
        },
        well("notify_fifo") { pair in
            pair.both { $0.preamble = "global_defs {\nvrrp_notify_fifo /run/keepalived.fifo\n}\n" }
        },
        well("preempt_delay") { pair in pair.both { $0.instance.more.append("preempt_delay 5") } },
        well("unicast from a second address") { pair in
            pair.lb1.before = "ip address add 198.51.100.111/24 dev eth0"
            pair.lb2.before = "ip address add 198.51.100.112/24 dev eth0"
            pair.lb1.instance.unicast = ("198.51.100.111", ["198.51.100.112"])
            pair.lb2.instance.unicast = ("198.51.100.112", ["198.51.100.111"])
        },
        DoctorScenario(
            variant: "two clusters whose instances have one name, asked together",
            write: { pair in
                pair.nodes["lb3"] = DoctorPair.Node(instances: [
                    DoctorPair.Instance(
                        routerID: 61, priority: 120, addresses: ["203.0.113.90/24 dev eth1"])
                ])
            },
            seen: [("lb3", "ip -o addr show to 203.0.113.90 | grep -q .")], needsThree: true),
        DoctorScenario(
            variant: "another cluster on the segment",
            act: { lab in
                let other = DoctorPair.Instance(
                    routerID: 61, priority: 120, addresses: ["203.0.113.90/24 dev eth1"])
                try await lab.put(other.text, at: "/etc/keepalived/keepalived.conf", on: "lb3")
                try await lab.eventually("systemctl start keepalived", on: "lb3")
            }, seen: [("lb3", "ip -o addr show to 203.0.113.90 | grep -q .")], needsThree: true),
    ]

    private static func well(
        _ variant: String, _ write: @escaping @Sendable (inout DoctorPair) -> Void
    ) -> DoctorScenario {
        DoctorScenario(variant: variant, write: write)
    }
}
