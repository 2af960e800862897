import HaopsTestSupport

/// The inventory that is in force: a base, and independent changes of it. Each scenario of an apply makes or undoes one of them, so
/// no case has to undo what the one before it has done.
struct FaultVariant: OptionSet, Hashable, Sendable {
    var rawValue: Int

    /// haproxy checks another page and has another port: it is reloaded.
    static let haproxy = FaultVariant(rawValue: 1)
    /// keepalived has another option: it is restarted, which only a handover makes unnoticed.
    static let options = FaultVariant(rawValue: 2)
    /// The firewall accepts ICMP as well: a rule, and the file that keeps it.
    static let firewall = FaultVariant(rawValue: 4)
    /// Another router id: all nodes change together.
    static let routerID = FaultVariant(rawValue: 8)
    /// A package that is not installed.
    static let package = FaultVariant(rawValue: 16)

    /// A port that only the changed haproxy listens on.
    static let port = 8081
    static let packageName = "libfsverity0"

    /// The pair by this inventory.
    func pair(on lab: LabFixture) throws -> ManagedPair {
        var pair = try ManagedPair(lab: lab).quick()
        // A check counts at once, so that gates wait little.
        var changes = [("fall: 2, rise: 2", "fall: 1, rise: 1")]
        if contains(.haproxy) {
            changes += [
                ("check: { http: / }", "check: { http: /health }"),
                ("bind: [", "bind: [\"203.0.113.50:\(Self.port)\", "),
            ]
        }
        if contains(.options) {
            changes.append(("    haproxy:\n", "      options: \"--vrrp --log-detail\"\n    haproxy:\n"))
        }
        if !contains(.firewall) { changes.append(("allow: [vrrp, icmp]", "allow: [vrrp]")) }
        if contains(.routerID) { changes.append(("router_id: 51", "router_id: 61")) }
        if contains(.package) { changes.append(("packages: [", "packages: [\(Self.packageName), ")) }
        for (from, to) in changes { pair = try pair.changed((from, to), to: "faults-\(rawValue)") }
        return pair
    }
}
