/// The machine's packet filter: iptables of either kind, nftables, firewalld.
package struct FirewallFact: Fact {
    package static let name = "firewall"

    /// haops' own service, which opens the filter after a reboot.
    package static let ownLoader = "haops-firewall"

    package init() {}

    /// Legacy tables are read only if the kernel has some, because reading others would create them.
    package let script = """
        has() { command -v "$1" >/dev/null; }
        for c in iptables ip6tables nft firewall-cmd; do has $c && echo "@command $c"; done
        save() {
          has "$1-save" || return
          case $1 in
            *-legacy) seen=legacy ;;
            *) seen=$("$1" --version) kind=$seen ;;
          esac
          case $seen in
            *nf_tables*) ;;
            *) read -r table <"$2" || return ;;
          esac
          echo "@save $1"
          "$1-save" -t filter
          echo "@end"
        }
        kind=
        save ip6tables /proc/net/ip6_tables_names
        save iptables /proc/net/ip_tables_names
        case $kind in
          *nf_tables*)
            save iptables-legacy /proc/net/ip_tables_names
            save ip6tables-legacy /proc/net/ip6_tables_names
            ;;
        esac
        if has nft; then echo "@nft"; nft list ruleset; echo "@end"; fi
        if has firewall-cmd && firewall-cmd --state >/dev/null; then
          echo "@firewalld $(firewall-cmd --get-default-zone)"
          echo "@zones now"; firewall-cmd --list-all-zones; echo "@end"
          echo "@zones for-good"; firewall-cmd --permanent --list-all-zones; echo "@end"
        fi
        set -- nftables netfilter-persistent iptables ip6tables \(FirewallFact.ownLoader)
        if [ -d /run/systemd/system ]; then
          # The answers come in the order of the arguments, with empty lines between them.
          systemctl show -p UnitFileState "$@" | while IFS= read -r state; do
            case $state in
              "") shift ;;
              *=enabled* | *=static | *=alias | *=indirect | *=generated) echo "@loader $1" ;;
            esac
          done
        else
          for s; do ls /etc/rc[2-5].d/S??"$s" >/dev/null && echo "@loader $s"; done
        fi
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> PacketFilter {
        var filter = PacketFilter()
        var body: [Substring] = []
        var open: [Substring] = []
        for line in output.lines {
            guard line.hasPrefix("@") else {
                body.append(line)
                continue
            }
            let words = line.dropFirst().split(separator: " ")
            switch words.first {
            case "save", "nft", "zones":
                open = words
                body = []
            case "end":
                if open.first == "nft" {
                    filter.add(nftRuleset: body)
                } else if open == ["zones", "now"] {
                    filter.firewalld?.zones = Firewalld.zones(in: body)
                } else if open == ["zones", "for-good"] {
                    filter.firewalld?.zonesForGood = Firewalld.zones(in: body)
                } else if open.count == 2 {
                    filter.add(
                        iptablesSave: body, command: String(open[1]), isIPv6: open[1].hasPrefix("ip6"))
                }
                open = []
            case "command" where words.count == 2: filter.commands.insert(String(words[1]))
            case "loader" where words.count == 2: filter.loaders.insert(String(words[1]))
            case "firewalld" where words.count == 2:
                filter.firewalld = Firewalld(defaultZone: String(words[1]), zones: [:], zonesForGood: [:])
            default: break
            }
        }
        return filter
    }
}
