package import Addresses
import Remote

/// The machines on the network segment that answer for an address which should be free.
///
/// haops asks this before a virtual address is configured for the first time. It uses arping's duplicate detection if
/// arping is installed, because that works without a source address; otherwise the kernel resolves the address.
package struct SegmentFact: Fact {
    package static let name = "segment"

    /// One address and the interface that it would be set on.
    package struct Question: Hashable, Sendable {
        package var address: IPAddress
        package var interface: String

        package init(address: IPAddress, interface: String) {
            self.address = address
            self.interface = interface
        }
    }

    private struct Answer: Hashable {
        var address: IPAddress
        var mac: MACAddress
    }

    package var questions: [Question]
    /// Whether to ask only if no keepalived was ever started on the machine: otherwise the cluster itself may use the
    /// addresses.
    package var onlyBeforeService: Bool

    package init(_ questions: [Question], onlyBeforeService: Bool = false) {
        self.questions = questions
        self.onlyBeforeService = onlyBeforeService
    }

    package var waits: Bool { true }

    /// Ends a snippet on a machine where a keepalived was started before.
    static let endInService = """
        for f in /run/keepalived.pid /var/run/keepalived.pid /run/keepalived/keepalived.pid; do
          [ ! -e "$f" ] || exit 0
        done

        """
    /// Succeeds for an interface that is up and has a link. Reading the file of one that is down is an error; `ip` is asked
    /// where there are no such files.
    static let hasCarrier = """
        has_carrier() {
          if [ -d "/sys/class/net/$1" ]; then
            read -r carrier <"/sys/class/net/$1/carrier" && [ "$carrier" = 1 ]
          else
            case $(ip -o link show dev "$1") in *LOWER_UP*) ;; *) return 1 ;; esac
          fi
        }
        """
    package var duration: Int { 4 }

    /// All addresses are asked for at the same time; each question takes at most two seconds.
    package var script: String {
        (onlyBeforeService ? Self.endInService : "") + """
            \(Self.hasCarrier)
            ask() {
              # The kernel creates an entry even if it cannot send anything.
              has_carrier "$2" || return
              if command -v arping >/dev/null && [ "$3" = 4 ]; then
                heard=$(arping -D -c 2 -w 2 -I "$2" "$1")
                # Another program of that name uses -D for something else, and prints something else.
                case $heard in
                  *"Sent "*)
                    echo "asked=$1"
                    case $heard in *"["*) echo "$heard" | sed -n "s/.*[[]\\([0-9A-Fa-f:]*\\)[]].*/answer=$1 \\1/p" ;; esac
                    return
                    ;;
                esac
              fi
              # An existing entry stays unchanged, because this machine may be sending to it.
              ip neigh show to "$1" dev "$2" | grep -q . && known=1 || known=
              if [ -n "$known" ] || ! ip neigh add "$1" dev "$2" nud none use; then ping -c 1 -W 1 -I "$2" "$1" >/dev/null; fi
              n=0
              while [ $n -lt 20 ]; do
                ip neigh show to "$1" dev "$2" | grep -Eq 'lladdr|FAILED' && break
                sleep 0.1
                n=$((n+1))
              done
              # Without an entry, nothing was sent.
              ip neigh show to "$1" dev "$2" | grep -Eq 'lladdr|FAILED|INCOMPLETE|PROBE' && echo "asked=$1"
              ip neigh show to "$1" dev "$2" | sed -n "s/.*lladdr \\([^ ]*\\).*/answer=$1 \\1/p"
              [ -n "$known" ] || ip neigh del "$1" dev "$2"
            }

            """
            + questions.map {
                "ask \($0.address.description.shellQuoted) \($0.interface.shellQuoted) \($0.address.isIPv6 ? 6 : 4) &\n"
            }.joined() + "wait\n"
    }

    /// The link-layer addresses that answered, by address; an address that could not be asked about is absent.
    package func parse(_ output: SectionOutput) throws(FactError) -> [IPAddress: [MACAddress]] {
        var answers: [IPAddress: [MACAddress]] = [:]
        for line in output.lines where line.hasPrefix("asked=") {
            if let address = IPAddress(line.dropFirst("asked=".count)) { answers[address] = [] }
        }
        var heard: Set<Answer> = []
        for line in output.lines where line.hasPrefix("answer=") {
            let words = line.dropFirst("answer=".count).split(separator: " ")
            guard words.count == 2, let address = IPAddress(words[0]), let mac = MACAddress(words[1]) else {
                continue
            }
            if heard.insert(Answer(address: address, mac: mac)).inserted {
                answers[address, default: []].append(mac)
            }
        }
        return answers
    }
}
