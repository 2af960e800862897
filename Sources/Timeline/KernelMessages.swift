import Keepalived

/// The kernel's messages about interfaces, boots and memory, and those of who watches interfaces.
enum KernelMessages {
    static func kind(of message: String) -> TimelineEvent.Kind? {
        // `[ 12.345678] ` is the time since the boot.
        var text = Substring(message)
        if text.hasPrefix("["), let close = text.firstIndex(of: "]") {
            text = text[text.index(after: close)...].drop { $0 == " " }
        }
        if text.hasPrefix("Linux version ") { return .machine(.booted) }
        if let killed = killedProcess(in: text) { return .machine(.outOfMemory(killed: killed)) }
        return link(in: text)
    }

    /// `Out of memory: Killed process 594 (keepalived)`; before Linux 5.1 it was `Kill`.
    private static func killedProcess(in text: Substring) -> String? {
        guard
            text.hasPrefix("Out of memory: Kill") || text.hasPrefix("Memory cgroup out of memory: Kill")
                || text.hasPrefix("Killed process "),
            let open = text.firstIndex(of: "("), let close = text[open...].firstIndex(of: ")")
        else { return nil }
        return String(text[text.index(after: open)..<close])
    }

    private static let linkWords: [(text: String, isUp: Bool)] = [
        ("nic link is down", false), ("link is down", false), ("link down", false), ("carrier lost", false),
        ("nic link is up", true), ("link is up", true), ("link up", true), ("link becomes ready", true),
    ]

    /// `eth0: Link is Down`, `igb 0000:01:00.0 eth1: igb: eth1 NIC Link is Up 1000 Mbps`,
    /// `IPv6: ADDRCONF(NETDEV_CHANGE): eth1: link becomes ready`: the interface is the word before.
    private static func link(in text: Substring) -> TimelineEvent.Kind? {
        let lower = text.lowercased()
        for (words, isUp) in linkWords {
            guard let found = lower.firstRange(of: words) else { continue }
            let head = text.prefix(lower.distance(from: lower.startIndex, to: found.lowerBound))
            let names = head.split { $0 == " " || $0 == ":" }.reversed()
            guard let name = names.first(where: { $0.lowercased() != "nic" && !$0.hasPrefix("(") }) else {
                continue
            }
            return .link(String(name), isUp: isUp)
        }
        return nil
    }

    /// networkd's `eth0: Lost carrier` and NetworkManager's `device (eth0): carrier: link connected`.
    static func carrier(in message: String) -> TimelineEvent.Kind? {
        if let colon = message.firstRange(of: ": ") {
            let name = String(message[..<colon.lowerBound])
            switch message[colon.upperBound...] {
            case "Lost carrier": return .link(name, isUp: false)
            case "Gained carrier": return .link(name, isUp: true)
            default: break
            }
        }
        guard let open = message.firstRange(of: "device ("),
            let close = message[open.upperBound...].firstIndex(of: ")")
        else { return nil }
        let name = String(message[open.upperBound..<close])
        let rest = message[close...]
        if rest.contains("link disconnected") { return .link(name, isUp: false) }
        if rest.contains("link connected") { return .link(name, isUp: true) }
        return nil
    }
}
