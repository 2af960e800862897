import HaopsTestSupport

/// Two balancers as somebody would set them up by hand: `lb1` preferred, the VIP on eth1, haproxy before both
/// backends.
struct HandMadePair {
    static let vip = "203.0.113.50"
    static let holds = "ip -o address show to \(vip)/32 | grep -q ."
    static let holdsNot = "! ( \(holds) )"
    static let answers = "curl -s --max-time 1 http://\(vip)/ | grep -q ^web"

    let lab: LabFixture

    /// Starts from bare machines and returns once `lb1`, and it alone, holds the VIP and answers on it.
    ///
    /// - `more`: further lines of its instance.
    static func start(on lab: LabFixture, more: String = "") async throws -> HandMadePair {
        try await lab.reset()
        for (node, priority) in [("lb1", 150), ("lb2", 100)] {
            try await lab.put(
                keepalived(priority: priority, more), at: "/etc/keepalived/keepalived.conf", on: node)
            try await lab.put(haproxy, at: "/etc/haproxy/haproxy.cfg", on: node)
        }
        let pair = HandMadePair(lab: lab)
        for node in ["lb1", "lb2"] {
            try await lab.eventually("systemctl start haproxy keepalived", on: node)
        }
        try await pair.isWell()
        return pair
    }

    func isWell() async throws {
        try await lab.eventually(Self.holds, on: "lb1")
        try await lab.eventually(Self.holdsNot, on: "lb2")
        try await lab.eventually(Self.answers, on: "client")
    }

    // Short intervals, so that tests wait little.
    private static func keepalived(priority: Int, _ more: String) -> String {
        """
        vrrp_instance VI_1 {
            state BACKUP
            interface eth0
            virtual_router_id 51
            priority \(priority)
            version 3
            advert_int 0.1
            \(more)
            virtual_ipaddress {
                \(vip)/24 dev eth1
            }
        }

        """
    }

    private static let haproxy = """
        defaults
            mode http
            timeout connect 1s
            timeout client 5s
            timeout server 5s
        frontend web
            bind :80
            default_backend web
        backend web
            server web1 203.0.113.21:80
            server web2 203.0.113.22:80

        """
}
