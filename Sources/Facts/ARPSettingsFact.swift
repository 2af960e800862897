/// How the kernel answers ARP, by interface; `all` stands for every one (Documentation/networking/ip-sysctl.rst).
package struct ARPSettings: Hashable, Sendable {
    /// `arp_ignore`: from 1 on, an interface answers only for its own addresses. The higher of `all`'s and its own counts.
    package var ignore: [String: Int] = [:]
    /// `proxy_arp`: whether it answers for addresses that it would send on elsewhere. `all`'s or its own counts.
    package var proxy: [String: Bool] = [:]

    package init(ignore: [String: Int] = [:], proxy: [String: Bool] = [:]) {
        self.ignore = ignore
        self.proxy = proxy
    }

    package func ignores(on interface: String) -> Int {
        max(ignore["all"] ?? 0, ignore[interface] ?? 0)
    }

    package func isProxy(on interface: String) -> Bool {
        proxy["all"] == true || proxy[interface] == true
    }

    /// Whether no interface answers for an address that is on the loopback interface only.
    package var keepsLoopbackQuiet: Bool {
        let others = ignore.keys.filter { $0 != "all" && $0 != "default" && $0 != "lo" }
        return !ignore.isEmpty && others.allSatisfy { ignores(on: $0) >= 1 }
    }
}

package struct ARPSettingsFact: Fact {
    package static let name = "arp-settings"

    package init() {}

    package let script = "cd /proc/sys/net/ipv4/conf && grep . */arp_ignore */proxy_arp"

    package func parse(_ output: SectionOutput) throws(FactError) -> ARPSettings {
        var settings = ARPSettings()
        for line in output.lines {
            // `eth1/arp_ignore:1`
            guard let colon = line.lastIndex(of: ":"), let slash = line[..<colon].lastIndex(of: "/"),
                let value = Int(line[line.index(after: colon)...])
            else { continue }
            let interface = String(line[..<slash])
            switch line[line.index(after: slash)..<colon] {
            case "arp_ignore": settings.ignore[interface] = value
            case "proxy_arp": settings.proxy[interface] = value != 0
            default: continue
            }
        }
        return settings
    }
}
