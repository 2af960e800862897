/// The kernel settings that virtual addresses depend on: those in force, and those that the next boot sets.
package struct KernelSettings: Hashable, Sendable {
    /// The settings in force, by dotted name.
    package var current: [String: String]
    package var persisted: [String: String]

    package init(current: [String: String] = [:], persisted: [String: String] = [:]) {
        self.current = current
        self.persisted = persisted
    }
}

package struct KernelSettingsFact: Fact {
    package static let name = "kernel-settings"

    package init() {}

    /// Directories in the order of sysctl.d(5), with the highest precedence last.
    package let script = """
        for k in net/ipv4/ip_nonlocal_bind net/ipv6/ip_nonlocal_bind net/ipv4/conf/all/promote_secondaries; do
          [ -r "/proc/sys/$k" ] && echo "now=$k $(cat "/proc/sys/$k")"
        done
        for f in /proc/sys/net/ipv4/conf/*/proxy_arp; do echo "now=${f#/proc/sys/} $(cat "$f")"; done
        for f in /usr/lib/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /run/sysctl.d/*.conf /etc/sysctl.d/*.conf /etc/sysctl.conf; do
          [ -r "$f" ] && sed -n 's/^[[:space:]-]*\\(net[./][^=[:space:]]*\\)[[:space:]]*=[[:space:]]*\\([^[:space:]]*\\).*/boot=\\1 \\2/p' "$f"
        done | head -n 1000
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> KernelSettings {
        var settings = KernelSettings()
        for line in output.lines {
            let parts = line.split(separator: "=", maxSplits: 1)
            let words = parts.last?.split(separator: " ") ?? []
            guard parts.count == 2, words.count == 2 else { continue }
            let key = Self.dotted(words[0])
            switch parts[0] {
            case "now": settings.current[key] = String(words[1])
            case "boot": settings.persisted[key] = String(words[1])
            default: continue
            }
        }
        return settings
    }

    /// In a key whose first separator is a slash, slashes stand for dots, and dots belong to interface names.
    private static func dotted(_ key: Substring) -> String {
        guard key.first(where: { $0 == "." || $0 == "/" }) == "/" else { return String(key) }
        return key.map { $0 == "/" ? "." : String($0) }.joined()
    }
}
