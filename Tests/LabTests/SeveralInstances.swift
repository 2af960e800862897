import HaopsTestSupport

/// Two balancers with four instances each, in whatever states instances can be.
enum SeveralInstances {
    static let password = "hushhush"

    /// The roles and effective priorities that they come to.
    static let roles = [
        "lb1": "VI_PASS BACKUP 90, VI_SIX BACKUP 100, VI_FAULT FAULT 150, VI_VMAC MASTER 150",
        "lb2": "VI_PASS MASTER 100, VI_SIX MASTER 150, VI_FAULT MASTER 100, VI_VMAC BACKUP 100",
    ]
    /// As `who` sorts them.
    static let vips = [
        "203.0.113.50": "lb2", "203.0.113.51": "lb2", "203.0.113.52": "lb2", "203.0.113.53": "lb2",
        "203.0.113.54": "lb1", "2001:db8:203::50": "lb2", "2001:db8:203::52": "lb2", "fe80::50": "lb2",
    ]

    /// Starts them on bare machines, and returns once they have settled.
    static func start(on lab: LabFixture) async throws {
        var pair = DoctorPair()
        pair.nodes = ["lb1": node(150, six: 100), "lb2": node(100, six: 150)]
        pair.lb1.before = "ip link add idle0 link eth0 type macvlan"
        pair.lb1.instances[2].more = ["track_interface {\nidle0\n}"]
        pair.lb1.scripts = ["/etc/keepalived/check.sh": "#!/bin/sh\nexit 1\n"]
        pair.lb2.scripts = ["/etc/keepalived/check.sh": "#!/bin/sh\n"]
        try await pair.start(on: lab)
        for (vip, node) in vips.sorted(by: { $0.key < $1.key }) {
            try await lab.eventually("ip -o address show | grep -qF ' \(vip)/'", on: node)
        }
        let lowered = "journalctl -q -u keepalived -o cat | grep -q 'effective priority from 150 to 90'"
        try await lab.eventually(lowered, on: "lb1")
    }

    private static func node(_ priority: Int, six: Int) -> DoctorPair.Node {
        var node = DoctorPair.Node(instances: [
            DoctorPair.Instance(
                name: "VI_PASS", routerID: 51, priority: priority, version: 2, interval: "1",
                password: password,
                addresses: ["203.0.113.50/24 dev eth1 label eth1:vip", "203.0.113.51 dev eth1"],
                more: [
                    "virtual_ipaddress_excluded {\n203.0.113.52/24 dev eth1\n2001:db8:203::52/64 dev eth1\n}",
                    "track_script {\ncheck\n}",
                ]),
            DoctorPair.Instance(
                name: "VI_SIX", routerID: 52, priority: six,
                addresses: ["fe80::50/64 dev eth1", "2001:db8:203::50/64 dev eth1"]),
            DoctorPair.Instance(
                name: "VI_FAULT", routerID: 53, priority: priority, addresses: ["203.0.113.53/24 dev eth1"]),
            DoctorPair.Instance(
                name: "VI_VMAC", routerID: 54, priority: priority, interval: "0.2",
                addresses: ["203.0.113.54/24 dev eth1"], more: ["use_vmac", "vmac_xmit_base"]),
        ])
        node.preamble = """
            global_defs {
                enable_script_security
                script_user root
            }
            vrrp_script check {
                script /etc/keepalived/check.sh
                interval 1
                weight -60
            }

            """
        return node
    }
}
