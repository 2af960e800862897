/// The machine's packet filter: iptables of either kind with all tables, nftables, firewalld, and the programs that may
/// drop packets beside them.
package struct FirewallFact: Fact {
    package static let name = "firewall"

    /// haops' own service, which opens the filter after a reboot.
    package static let ownLoader = "haops-firewall"

    /// Whether to ask firewalld, which takes most of the time.
    package var asksFirewalld: Bool

    package init(asksFirewalld: Bool = true) { self.asksFirewalld = asksFirewalld }

    /// Long rule sets are slow to list.
    package var duration: Int { 6 }

    package var script: String { Self.rules + (asksFirewalld ? Self.managers : "") + "true\n" }

    /// Legacy tables are read only if the kernel has some, because reading others would create them. `nat` drops nothing
    /// and may have thousands of rules. Which kind a command is, is asked only where its name does not tell.
    private static let rules = """
        has() { command -v "$1" >/dev/null; }
        for c in iptables ip6tables nft firewall-cmd; do has $c && echo "@command $c"; done
        # is NAME KIND: whether the command is its own variant of that kind.
        is() {
          IFS=:
          for d in $PATH; do [ -x "$d/$1" ] && break; done
          for v in $PATH; do [ "$d/$1" -ef "$v/$1-$2" ] && break; done
          set -- $?
          unset IFS
          return "$1"
        }
        save() {
          has "$1-save" || return
          if [ "${1%-legacy}" != "$1" ] || is "$1" legacy; then
            seen=legacy
          elif is "$1" nft; then
            seen=nf_tables kind=$seen
          else
            seen=$("$1" --version) kind=$seen
          fi
          case $seen in
            *nf_tables*) tables=$listed ;;
            *) read -r tables <"$2" || return ;;
          esac
          echo "@save $1"
          [ -z "$tables" ] || "$1-save" -c
          echo "@end"
        }
        kind=
        # Where nftables have no table, iptables of that kind have none either. What nft could not list is not empty.
        listed=unknown ruleset=
        if has nft; then ruleset=$(nft list ruleset) && listed=$ruleset; fi
        {
        save ip6tables /proc/net/ip6_tables_names
        save iptables /proc/net/ip_tables_names
        case $kind in
          *nf_tables*)
            save iptables-legacy /proc/net/ip_tables_names
            save ip6tables-legacy /proc/net/ip6_tables_names
            ;;
        esac
        if has nft; then echo "@nft"; [ -z "$ruleset" ] || printf '%s\\n' "$ruleset"; echo "@end"; fi
        # Programs of eBPF, and classifiers of tc, which decide before or after all tables.
        ip -o link show
        } | sed -e '/^[*]nat$/,/^COMMIT$/d' -e '/^@nft$/,/^@end$/b' -e '/^[0-9][0-9]*: /!b' -e '/ xdp/!d' \\
          -e 's/^[0-9]*: \\([^ :@]*\\).*/@program \\1 input xdp/'
        if has tc; then
          left=32
          tc qdisc show | while read -r _ kind _ _ d _; do
            case $kind in clsact | ingress) left=$((left - 1)) ;; *) continue ;; esac
            [ "$left" -ge 0 ] || break
            tc filter show dev "$d" ingress | grep -q . && echo "@program $d input tc ingress"
            tc filter show dev "$d" egress | grep -q . && echo "@program $d output tc egress"
          done
        fi
        # tcx is listed by neither ip nor tc. Without bpftool, what a process holds is seen in the descriptions of its files.
        if has bpftool && programs=$(bpftool net show); then
          printf '%s\\n' "$programs" | sed -n -e 's/^\\([^( ]*\\)([0-9]*) \\(tcx.ingress\\) .*/@program \\1 input \\2/p' \
            -e 's/^\\([^( ]*\\)([0-9]*) \\(tcx.egress\\) .*/@program \\1 output \\2/p'
        else
          find /proc/[0-9]*/fd -lname 'anon_inode:bpf[_-]link' | head -n 32 | while read -r link; do
            holder=${link%/fd/*} type= index= hook=
            [ "$holder/ns/net" -ef /proc/self/ns/net ] || continue
            while read -r key value; do
              case $key in link_type:) type=$value ;; ifindex:) index=$value ;; attach_type:) hook=$value ;; esac
            done <"$holder/fdinfo/${link##*/}"
            [ "$type" = tcx ] || continue
            d=$(ip -o link show | sed -n "s/^$index: \\([^ :@]*\\).*/\\1/p")
            case $hook in
              *ingress*) echo "@program $d input tcx/ingress" ;;
              *egress*) echo "@program $d output tcx/egress" ;;
            esac
          done
        fi

        """

    private static let managers = """
        if has firewall-cmd && firewall-cmd --state >/dev/null; then
          echo "@firewalld $(firewall-cmd --get-default-zone)"
          echo "@zones now"; firewall-cmd --list-all-zones; echo "@end"
          echo "@zones for-good"; firewall-cmd --permanent --list-all-zones; echo "@end"
        fi
        set -- nftables netfilter-persistent iptables ip6tables \(FirewallFact.ownLoader)
        if [ -d /run/systemd/system ]; then
          # What starts at boot is wanted by another unit; a masked one is not started.
          for s; do
            [ /etc/systemd/system/$s.service -ef /dev/null ] && continue
            for f in /etc/systemd/system/*.wants/$s.service /etc/systemd/system/*.requires/$s.service \\
              /usr/lib/systemd/system/*.wants/$s.service /lib/systemd/system/*.wants/$s.service \\
              /run/systemd/generator*/*.wants/$s.service; do
              if [ -L "$f" ]; then echo "@loader $s"; break; fi
            done
          done
        else
          for s; do ls /etc/rc[2-5].d/S??"$s" >/dev/null && echo "@loader $s"; done
        fi

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
            case "program" where words.count >= 4:
                guard let hook = PacketFilter.Hook(rawValue: String(words[2])) else { continue }
                filter.programs.insert(
                    .init(
                        interface: String(words[1]), hook: hook,
                        kind: words[3...].joined(separator: " ")))
            case "loader" where words.count == 2: filter.loaders.insert(String(words[1]))
            case "firewalld" where words.count == 2:
                filter.firewalld = Firewalld(defaultZone: String(words[1]), zones: [:], zonesForGood: [:])
            default: break
            }
        }
        return filter
    }
}
