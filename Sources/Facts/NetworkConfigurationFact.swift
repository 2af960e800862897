package import Addresses

/// The services besides keepalived that set addresses on a machine's interfaces, and the addresses that are set at
/// boot.
package struct NetworkConfiguration: Hashable, Sendable {
    /// Services that run: `NetworkManager`, `systemd-networkd`.
    package var managers: Set<String>
    /// Interfaces that one of these services has configured.
    package var managedInterfaces: Set<String>
    /// The interfaces of these whose addresses the service keeps: `KeepConfiguration=` of systemd-networkd.
    package var keepingInterfaces: Set<String>
    /// Lines of configuration files that set an address on an interface.
    package var lines: [Line]

    package struct Line: Hashable, Sendable {
        package var path: String
        package var number: Int
        package var text: String
        /// At least one address; without a prefix in the line, the prefix is that of a single host.
        package var assigned: [CIDR]

        package var addresses: Set<IPAddress> { Set(assigned.map(\.address)) }

        /// The instruction to remove this line from a machine.
        package func removal(on machine: String) -> String {
            "on \(machine): remove line \(number) of \(path): \(text)"
        }

        /// `nil` for a line that assigns no address but names a gateway, a name server, or a route's target.
        package init?(path: String, number: Int, text: String) {
            let assigned = Self.assigned(text)
            guard !assigned.isEmpty else { return nil }
            self.path = path
            self.number = number
            self.text = text
            self.assigned = assigned
        }
    }

    package init(
        managers: Set<String> = [], managedInterfaces: Set<String> = [],
        keepingInterfaces: Set<String> = [], lines: [Line] = []
    ) {
        self.managers = managers
        self.managedInterfaces = managedInterfaces
        self.keepingInterfaces = keepingInterfaces
        self.lines = lines
    }

    /// The line that sets an address at boot.
    package func line(naming address: IPAddress) -> Line? {
        lines.first { $0.assigned.contains { $0.address == address } }
    }
}

package struct NetworkConfigurationFact: Fact {
    package static let name = "network-configuration"

    package init() {}

    package let script = #"""
        if [ -d /run/systemd/system ]; then
          for s in NetworkManager systemd-networkd; do systemctl is-active --quiet $s && echo "manager=$s"; done
        fi
        command -v networkctl >/dev/null && networkctl list --no-legend --no-pager |
          while read -r n name type operational setup; do
            case $setup in configured | configuring) echo "managed=$name";; *) continue;; esac
            read -r index <"/sys/class/net/$name/ifindex"
            file=$(sed -n 's/^NETWORK_FILE=//p' "/run/systemd/netif/links/$index")
            [ -n "$file" ] && cat "$file" "$file".d/*.conf "/etc/systemd/network/${file##*/}.d"/*.conf |
              grep -qE '^KeepConfiguration=(yes|true|on|1|static)' && echo "keeps=$name"
          done
        command -v nmcli >/dev/null && nmcli -t -f DEVICE,STATE device |
          while IFS=: read -r name state; do case $state in connected*) echo "managed=$name";; esac; done
        grep -rHnE '^[^#;]*(([0-9]{1,3}\.){3}[0-9]{1,3}|[0-9a-fA-F]{1,4}:[0-9a-fA-F:]*:)' \
          /etc/network/interfaces /etc/network/interfaces.d /etc/netplan /etc/systemd/network \
          /etc/NetworkManager/system-connections /etc/sysconfig/network-scripts /etc/rc.local |
          head -n 300 | cut -c 1-300 | sed 's/^/line=/'
        true
        """#

    package func parse(_ output: SectionOutput) throws(FactError) -> NetworkConfiguration {
        var configuration = NetworkConfiguration()
        for line in output.lines {
            let parts = line.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else { continue }
            switch parts[0] {
            case "manager": configuration.managers.insert(parts[1])
            case "managed": configuration.managedInterfaces.insert(parts[1])
            case "keeps": configuration.keepingInterfaces.insert(parts[1])
            case "line":
                let fields = parts[1].split(separator: ":", maxSplits: 2)
                guard fields.count == 3, let number = Int(fields[1]) else { continue }
                let text = fields[2].drop { $0 == " " || $0 == "\t" }
                if let line = NetworkConfiguration.Line(
                    path: String(fields[0]), number: number, text: String(text))
                {
                    configuration.lines.append(line)
                }
            default: continue
            }
        }
        return configuration
    }
}

extension NetworkConfiguration.Line {
    /// The addresses that a line sets on an interface, in the syntax of ifupdown, netplan, NetworkManager, networkd,
    /// ifcfg files or a script.
    private static func assigned(_ line: String) -> [CIDR] {
        let words = line.split { " \t=,;[]'\"".contains($0) }.map { $0.lowercased() }
        guard let first = words.first else { return [] }
        let key = first.hasSuffix(":") ? String(first.dropLast()) : first
        let isNumbered = key.hasPrefix("address") && key.dropFirst(7).allSatisfy(\.isNumber)
        if isNumbered || key.hasPrefix("ipaddr") || key.hasPrefix("ipv6addr") {
            // NetworkManager writes the gateway after the address.
            return words.dropFirst().prefix(1).compactMap { CIDR($0) }
        }
        if key == "-" || key == "addresses" {
            // netplan: addresses have a prefix, name servers have none. Keywords mark a route's target.
            guard !words.contains("to:"), !words.contains("via:") else { return [] }
            return words.dropFirst().filter { $0.contains("/") }.compactMap { word in
                // An address that is a key is followed by its options.
                CIDR(word.hasSuffix(":") ? word.dropLast() : word[...])
            }
        }
        guard isCommand(words) else { return [] }
        return words.filter { CIDR($0) != nil }.prefix(1).compactMap { CIDR($0) }
    }

    /// `up ip addr add ADDRESS dev eth0`, `ifconfig eth0:1 ADDRESS up`.
    private static func isCommand(_ words: [String]) -> Bool {
        func isProgram(_ word: String, _ name: String) -> Bool { word == name || word.hasSuffix("/" + name) }
        guard words.first != "down", words.first != "pre-down", words.first != "post-down" else {
            return false
        }
        if words.contains(where: { isProgram($0, "ifconfig") }) {
            return words.last != "down" && !words.contains("del")
        }
        guard let ip = words.firstIndex(where: { isProgram($0, "ip") }) else { return false }
        let object = words[(ip + 1)...].first { !$0.hasPrefix("-") } ?? ""
        let adds = words.contains { $0 == "add" || $0 == "a" || $0 == "replace" }
        return object.hasPrefix("a") && "address".hasPrefix(object) && adds
    }
}
