package import Addresses

/// Who besides keepalived puts addresses on a machine's interfaces, and which ones at boot.
package struct NetworkConfiguration: Hashable, Sendable {
    /// Services that run: `NetworkManager`, `systemd-networkd`.
    package var managers: Set<String>
    /// Interfaces that one of them has configured.
    package var managedInterfaces: Set<String>
    /// Lines of configuration files that name an address.
    package var lines: [Line]

    package struct Line: Hashable, Sendable {
        package var path: String
        package var number: Int
        package var text: String
        package var addresses: Set<IPAddress>

        package init(path: String, number: Int, text: String, addresses: Set<IPAddress>) {
            self.path = path
            self.number = number
            self.text = text
            self.addresses = addresses
        }
    }

    package init(managers: Set<String> = [], managedInterfaces: Set<String> = [], lines: [Line] = []) {
        self.managers = managers
        self.managedInterfaces = managedInterfaces
        self.lines = lines
    }

    /// Where an address is given to the machine at boot.
    package func line(naming address: IPAddress) -> Line? { lines.first { $0.addresses.contains(address) } }
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
            case $setup in configured | configuring) echo "managed=$name";; esac
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
            case "line":
                let fields = parts[1].split(separator: ":", maxSplits: 2)
                guard fields.count == 3, let number = Int(fields[1]) else { continue }
                let words = fields[2].split { " \t=,;[]'\"".contains($0) }
                let addresses = Set(words.compactMap { CIDR($0)?.address })
                guard !addresses.isEmpty else { continue }
                configuration.lines.append(
                    NetworkConfiguration.Line(
                        path: String(fields[0]), number: number,
                        text: String(fields[2].drop { $0 == " " || $0 == "\t" }), addresses: addresses))
            default: continue
            }
        }
        return configuration
    }
}
