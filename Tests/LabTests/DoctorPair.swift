import HaopsTestSupport

/// keepalived and haproxy on some balancers of the lab, as somebody would write them by hand; a test bends one
/// thing and sees what doctor makes of it.
struct DoctorPair: Sendable {
    /// One `vrrp_instance` on one node.
    struct Instance: Sendable {
        var name = "VI_1"
        var interface = "eth0"
        var routerID = 51
        var priority: Int
        var state = "BACKUP"
        var version = 3
        /// Seconds, as written.
        var interval = "0.1"
        var password: String?
        var addresses = ["203.0.113.50/24 dev eth1"]
        /// The node's own address and its peers'.
        var unicast: (source: String, peers: [String])?
        /// Lines inside the instance.
        var more: [String] = []

        var text: String {
            var lines = [
                "state \(state)", "interface \(interface)", "virtual_router_id \(routerID)",
                "priority \(priority)",
                "version \(version)", "advert_int \(interval)",
            ]
            if let password { lines.append("authentication {\nauth_type PASS\nauth_pass \(password)\n}") }
            if let unicast {
                lines.append("unicast_src_ip \(unicast.source)")
                lines.append("unicast_peer {\n\(unicast.peers.joined(separator: "\n"))\n}")
            }
            lines.append("virtual_ipaddress {\n\(addresses.joined(separator: "\n"))\n}")
            return "vrrp_instance \(name) {\n\((lines + more).joined(separator: "\n"))\n}\n"
        }
    }

    /// What one node has.
    struct Node: Sendable {
        var instances: [Instance]
        /// Lines before the instances: `global_defs`, scripts, groups.
        var preamble = ""
        /// Files by path; executable ones.
        var scripts: [String: String] = [:]
        var haproxy: String?
        /// Run before anything starts.
        var before = ""

        /// Its keepalived.conf.
        var keepalived: String { preamble + instances.map(\.text).joined() }

        /// The one instance of most of these nodes.
        var instance: Instance {
            get { instances[0] }
            set { instances[0] = newValue }
        }
    }

    var nodes: [String: Node] = [
        "lb1": Node(instances: [Instance(priority: 150)]),
        "lb2": Node(instances: [Instance(priority: 100)]),
    ]
    var lb1: Node {
        get { nodes["lb1"] ?? Node(instances: []) }
        set { nodes["lb1"] = newValue }
    }
    var lb2: Node {
        get { nodes["lb2"] ?? Node(instances: []) }
        set { nodes["lb2"] = newValue }
    }

    /// The same change on both.
    mutating func both(_ change: (inout Node) -> Void) {
        for name in nodes.keys {
            var node = nodes[name] ?? Node(instances: [])
            change(&node)
            nodes[name] = node
        }
    }

    /// Version 2, whose shortest interval is a second.
    mutating func speakVersion2() {
        both {
            for index in $0.instances.indices {
                $0.instances[index].version = 2
                $0.instances[index].interval = "1"
            }
        }
    }

    mutating func useUnicast() {
        let addresses = ["lb1": "198.51.100.11", "lb2": "198.51.100.12", "lb3": "198.51.100.13"]
        let used = nodes.keys.sorted().compactMap { addresses[$0] }
        for name in nodes.keys {
            let own = addresses[name] ?? ""
            nodes[name]?.instances[0].unicast = (own, used.filter { $0 != own })
        }
    }

    /// A check on both nodes that lives in a file.
    mutating func addCheck(_ text: String, weight: Int = 0, mode: String = "755") {
        both {
            $0.preamble += """
                vrrp_script check {
                    script /etc/keepalived/check.sh
                    interval 1
                    weight \(weight)
                }

                """
            $0.instance.more.append("track_script {\ncheck\n}")
            $0.scripts["/etc/keepalived/check.sh"] = text
        }
    }

    static let vip = "203.0.113.50"
    static let holds = "ip -o addr show to \(vip)/32 | grep -q ."
    static let holdsNot = "! ( \(holds) )"

    static func proxy(bind: String = ":80", servers: String = "203.0.113.21:80 203.0.113.22:80") -> String {
        let lines = servers.split(separator: " ").enumerated()
            .map { "    server web\($0.offset + 1) \($0.element) check inter 200ms fall 1" }
        return """
            global
                stats socket /run/haproxy/admin.sock mode 600 level admin
            defaults
                mode http
                timeout connect 1s
                timeout client 5s
                timeout server 5s
            frontend web
                bind \(bind)
                default_backend web
            backend web
            \(lines.joined(separator: "\n"))

            """
    }

    /// Puts everything in place on bare machines, and starts it.
    func start(on lab: LabFixture) async throws {
        try await lab.reset()
        for (name, node) in nodes.sorted(by: { $0.key < $1.key }) {
            if !node.before.isEmpty { try await lab.eventually(node.before, on: name) }
            for (path, text) in node.scripts { try await lab.put(text, at: path, on: name, mode: "755") }
            try await writeKeepalived(on: name, of: lab)
            if let haproxy = node.haproxy {
                try await lab.put(haproxy, at: "/etc/haproxy/haproxy.cfg", on: name)
                _ = try await lab.console(name, "systemctl --no-block start haproxy")
            }
        }
        for name in nodes.keys.sorted() { try await lab.eventually("systemctl start keepalived", on: name) }
    }

    /// Puts one node's keepalived.conf in place.
    func writeKeepalived(on name: String, of lab: LabFixture) async throws {
        guard let node = nodes[name] else { return }
        try await lab.put(node.keepalived, at: "/etc/keepalived/keepalived.conf", on: name)
    }
}
