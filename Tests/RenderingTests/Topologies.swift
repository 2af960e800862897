import Addresses
import Inventory
import Remote
import Rendering
import Testing

/// Fleets as the inventory's reader hands them over, one for each shape that people run.
struct Topology: Sendable, CustomTestStringConvertible {
    var name: String
    var cluster: Cluster
    /// What each node's cards carry, so that the real daemons find what the configuration names.
    var cards: [HostID: [String: [String]]]
    var testDescription: String { name }

    static let secret = Secret("s3#cr!t ")

    static let all: [Topology] = [
        minimal, lab, virtualAddressSeed, apiServerSeed, unicast, ipv6, ipv6Unicast, activeActive, threeNodes,
        nopreempt, fastVersion3, wide, shipped,
    ]

    /// Nothing but what must be said.
    static let minimal = make(
        "minimal",
        KeepalivedSettings(
            interface: "eth0", notify: .none, instances: [instance("VI_1", 51, ["203.0.113.50/24"])]))

    /// Files of the operator's own on all levels, and scripts behind `notify`.
    static let shipped = {
        var topology = make(
            "shipped",
            KeepalivedSettings(
                interface: "eth0",
                notify: NotifySettings(
                    hooks: [.master: ["/etc/keepalived/status.sh"], .stop: ["/opt/my own/stop.sh"]],
                    directory: "/etc/keepalived/on-master.d", timeout: 5),
                instances: [instance("VI_1", 51, ["203.0.113.50/24"])]))
        topology.cluster.files = [
            ShippedFile(
                path: "/etc/keepalived/status.sh",
                contents: Array("#!/bin/sh\n# {{node}}, as it stands here\necho \"$3\"\n".utf8)),
            ShippedFile(
                path: "/etc/keepalived/on-master.d/10-values.sh",
                contents: Array(
                    """
                    #!/bin/sh
                    # {{node}} at {{address}} of {{cluster}}
                    {{#instances}}{{#addresses}}echo {{ip}}{{/addresses}}{{/instances}}

                    """.utf8), isTemplate: true),
            ShippedFile(
                path: "/etc/keepalived/with blanks.map", contents: [0x41, 0xFF, 0x00, 0x0A],
                owner: "root:adm", mode: 0o640, onChange: .reloadKeepalived),
        ]
        topology.cluster.nodes[1].withheldFiles = ["/etc/keepalived/with blanks.map"]
        topology.cluster.nodes[1].files = [
            ShippedFile(path: "/opt/my own/stop.sh", contents: Array("#!/bin/sh\n".utf8))
        ]
        return topology
    }()

    /// The design's own example: adverts on eth0, the address on eth1, a secret, a check, haproxy.
    static let lab = make(
        "lab",
        KeepalivedSettings(
            interface: "eth0", authPass: .reference(name: "vrrp", source: .environment("HAOPS_VRRP_PASS")),
            scripts: [checkHAProxy],
            instances: [
                instance(
                    "VI_1", 51,
                    [
                        VirtualAddress(cidr: cidr("203.0.113.50/24"), interface: "eth1", label: "eth1:0"),
                        VirtualAddress(cidr: cidr("203.0.113.51/24"), interface: "eth1"),
                    ], trackInterfaces: ["eth1"], trackScripts: ["check_haproxy"])
            ]), haproxy: web)

    /// The tutorial with a card of its own for the virtual address: `brd`, `dev` and `label`, and a tracked card that
    /// is the instance's own beside it.
    static let virtualAddressSeed = make(
        "vip-card",
        KeepalivedSettings(
            interface: "eth0",
            instances: [
                instance(
                    "VI_1", 51,
                    [VirtualAddress(cidr: cidr("192.168.122.50/24"), interface: "eth1", label: "eth1:0")],
                    trackInterfaces: ["eth0", "eth1"])
            ], options: "--vrrp --log-detail"))

    /// The tutorial of a proxy before a cluster's API server: TCP all the way, a slow check of the operator's own,
    /// raw lines.
    static let apiServerSeed = make(
        "apiserver",
        KeepalivedSettings(
            interface: "eth0", authPass: .literal(Secret("mypass")),
            scripts: [
                TrackScript(
                    name: "check_apiserver", run: "/bin/sh -c \"exit 0\"", interval: 3, timeout: 2, fall: 10,
                    rise: 2,
                    weight: -60)
            ],
            instances: [
                instance(
                    "VI_1", 51, ["192.168.122.211/24"], trackScripts: ["check_apiserver"],
                    extra: "    garp_master_delay 1\n\n    garp_master_repeat 3\n")
            ], extraGlobal: "vrrp_garp_interval 0.001\nvrrp_startup_delay 1"),
        haproxy: HAProxySettings(
            frontends: [
                .init(name: "apiserver", binds: ["192.168.122.211:80"], mode: .tcp, backend: "apiserver")
            ],
            backends: [
                .init(
                    name: "apiserver", mode: .tcp,
                    servers: [
                        .init(name: "backend-1", endpoint: "192.168.122.112:80"),
                        .init(name: "backend-2", endpoint: "192.168.122.197:80", options: "weight 50 backup"),
                    ])
            ]))

    static let unicast = make(
        "unicast",
        KeepalivedSettings(
            interface: "eth0", transport: .unicast, advertInterval: 200, authPass: .literal(secret),
            instances: [instance("VI_1", 1, ["203.0.113.50/32"], excluded: ["203.0.113.60/32"])]),
        sysctl: [SysctlSetting(key: "net.ipv4.ip_nonlocal_bind", value: "1")])

    /// Version 2 elsewhere in the cluster: the IPv6 instance speaks 3 all the same, and carries no password.
    static let ipv6 = make(
        "ipv6",
        KeepalivedSettings(
            interface: "eth0", authPass: .literal(secret),
            instances: [
                instance("V4", 51, ["203.0.113.50/24"]),
                instance("V6", 51, ["fe80::50/64", "2001:db8:0:1::50/64"]),
            ]),
        haproxy: HAProxySettings(
            frontends: [
                .init(
                    name: "web", binds: ["203.0.113.50:80", "[2001:db8:0:1::50]:80", ":::8080 v6only"],
                    mode: .http,
                    backend: "web")
            ],
            backends: [
                .init(
                    name: "web", mode: .http, balance: "leastconn", check: .none,
                    servers: [.init(name: "web1", endpoint: "[2001:db8:0:1::21]:80")])
            ]))

    static let ipv6Unicast = make(
        "ipv6-unicast",
        KeepalivedSettings(
            interface: "eth0", transport: .unicast, version: 3,
            instances: [instance("V6", 51, ["2001:db8:0:1::50/64"])]),
        addresses: ["2001:db8:0:2::11", "2001:db8:0:2::12"])

    /// Two instances that share their checks, each preferred by another node.
    static let activeActive = make(
        "active-active",
        KeepalivedSettings(
            interface: "eth0", scripts: [checkHAProxy],
            instances: [
                instance("VI_1", 51, ["203.0.113.50/24"], trackScripts: ["check_haproxy"]),
                instance(
                    "VI_2", 52, ["203.0.113.51/24"], trackScripts: ["check_haproxy"], priorities: [100, 150]),
            ]), haproxy: web)

    static let threeNodes = make(
        "three-nodes",
        KeepalivedSettings(
            interface: "eth0", transport: .unicast,
            instances: [instance("VI_1", 51, ["203.0.113.50/24"], priorities: [150, 120, 100])]),
        addresses: ["198.51.100.11", "198.51.100.12", "198.51.100.13"])

    static let nopreempt = make(
        "nopreempt",
        KeepalivedSettings(
            interface: "eth0", preempt: false, instances: [instance("VI_1", 51, ["203.0.113.50/24"])]))

    static let fastVersion3 = make(
        "version3-fast",
        KeepalivedSettings(
            interface: "eth0", version: 3, advertInterval: 50, authPass: .literal(secret),
            instances: [instance("VI_1", 51, ["203.0.113.50/24"])]))

    /// Many addresses, a card of the instance's own, and an operator's statistics page with a password in it.
    static let wide = make(
        "wide",
        KeepalivedSettings(
            interface: "eth1",
            instances: [
                instance(
                    "VI_wide.1-a", 255, ["203.0.113.20/24"],
                    excluded: (21...45).map { "203.0.113.\($0)/24" }, interface: "eth0")
            ]),
        haproxy: HAProxySettings(
            frontends: [
                .init(
                    name: "stats", binds: ["*:8404"], mode: .http, backend: "none",
                    extra: "\tstats enable\n\tstats uri /stats\n\tstats auth admin:hunter22"),
                .init(
                    name: "mail", binds: ["203.0.113.20:25", "203.0.113.21:587"], mode: .tcp, backend: "mail"),
            ],
            backends: [
                .init(name: "none", mode: .http, check: .none, servers: []),
                .init(
                    name: "mail", mode: .tcp, balance: "source",
                    servers: (1...3).map { .init(name: "mx\($0)", endpoint: "203.0.113.\(100 + $0):25") }),
            ], extraGlobal: "maxconn 20000\nhard-stop-after 15m", extraDefaults: "timeout tunnel 1h"),
        sysctl: [
            SysctlSetting(key: "net.ipv4.ip_nonlocal_bind", value: "1"),
            SysctlSetting(key: "net.ipv6.ip_nonlocal_bind", value: "1"),
        ])

    // MARK: parts

    static let checkHAProxy = TrackScript(
        name: "check_haproxy", run: "/etc/keepalived/check_haproxy.sh", weight: -60)

    static let web = HAProxySettings(
        frontends: [.init(name: "web", binds: ["203.0.113.50:80"], mode: .http, backend: "web")],
        backends: [
            .init(
                name: "web", mode: .http, check: .http(path: "/health"),
                servers: [
                    .init(name: "web1", endpoint: "203.0.113.21:80"),
                    .init(name: "web2", endpoint: "203.0.113.22:80"),
                ])
        ])

    static func cidr(_ text: String) -> CIDR {
        guard let cidr = CIDR(text) else { preconditionFailure("\(text) is no network") }
        return cidr
    }

    static func instance(
        _ name: String, _ routerID: Int, _ addresses: [VirtualAddress], excluded: [String] = [],
        interface: String? = nil, trackInterfaces: [String] = [], trackScripts: [String] = [],
        priorities: [Int] = [150, 100], extra: String? = nil
    ) -> VRRPInstance {
        let nodes = (1...priorities.count).map { HostID("lb\($0)") }
        let preferred = zip(nodes, priorities).max { $0.1 < $1.1 }?.0
        return VRRPInstance(
            name: name, routerID: routerID, interface: interface, addresses: addresses,
            excluded: excluded.map { VirtualAddress(cidr: cidr($0)) }, trackInterfaces: trackInterfaces,
            trackScripts: trackScripts, preferred: preferred ?? HostID("lb1"),
            priorities: Dictionary(uniqueKeysWithValues: zip(nodes, priorities)), extra: extra)
    }

    static func instance(
        _ name: String, _ routerID: Int, _ addresses: [String], excluded: [String] = [],
        interface: String? = nil,
        trackInterfaces: [String] = [], trackScripts: [String] = [], priorities: [Int] = [150, 100],
        extra: String? = nil
    ) -> VRRPInstance {
        instance(
            name, routerID, addresses.map { VirtualAddress(cidr: cidr($0)) }, excluded: excluded,
            interface: interface, trackInterfaces: trackInterfaces, trackScripts: trackScripts,
            priorities: priorities, extra: extra)
    }

    static func make(
        _ name: String, _ keepalived: KeepalivedSettings, haproxy: HAProxySettings? = nil,
        sysctl: [SysctlSetting] = [], addresses: [String] = ["198.51.100.11", "198.51.100.12"]
    ) -> Topology {
        let nodes = addresses.enumerated().map { index, address in
            let id = HostID("lb\(index + 1)")
            return Node(id: id, target: SSHTarget(id: id, host: address), vrrpAddress: IPAddress(address))
        }
        let cards = nodes.enumerated().map { index, node in
            let own = node.vrrpAddress.map { "\($0)/\($0.isIPv6 ? 64 : 24)" }
            return (
                node.id,
                [
                    "eth0": [own ?? "", "198.51.100.\(111 + index)/24", "2001:db8:0:1::\(11 + index)/64"],
                    "eth1": ["203.0.113.\(11 + index)/24"],
                ]
            )
        }
        return Topology(
            name: name,
            cluster: Cluster(
                name: "web", nodes: nodes, keepalived: keepalived, haproxy: haproxy, sysctl: sysctl),
            cards: Dictionary(uniqueKeysWithValues: cards))
    }

    /// As the command line would do it with the secret in the environment.
    func rendered(
        templates: TemplateSet = .shipped, families: [HostID: NodeFamily] = [:]
    ) throws -> [RenderedNode] {
        try render(cluster, templates: templates, families: families) { _ in Self.secret }
    }
}
