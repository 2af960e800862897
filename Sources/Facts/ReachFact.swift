package import Addresses
import Remote

/// Whether a machine can reach another one's address.
package enum Reach: Hashable, Sendable {
    /// It answers a ping.
    case answers
    /// It does not answer a ping, but its link-layer address was found: the network segment works.
    case linkOnly
    /// It answers neither.
    case silent
}

/// Sends two pings to each address, all at once, and reads the neighbour table afterwards.
package struct ReachFact: Fact {
    package static let name = "reach"

    package var addresses: [IPAddress]

    package init(_ addresses: [IPAddress]) { self.addresses = addresses }

    package var duration: Int { 5 }

    package var script: String {
        """
        # A reachable entry of the neighbour table may be half a minute old; arping shows the current state.
        wired() {
          d=$(ip -o route get "$1" | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
          case $1 in
            *:*) ip -o neigh show "$1" | grep -q REACHABLE ;;
            *) if command -v arping >/dev/null; then arping -q -c 1 -w 1 -I "$d" "$1"
              else ip -o neigh show "$1" | grep -q REACHABLE; fi ;;
          esac
        }
        r() {
          command -v ping >/dev/null || return
          if ping -n -c 2 -i 0.3 -W 1 "$1" >/dev/null; then echo "answers $1"
          elif wired "$1"; then echo "link $1"
          else echo "silent $1"
          fi
        }

        """ + addresses.map { "r \("\($0)".shellQuoted) &" }.joined(separator: "\n") + "\nwait\n"
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> [IPAddress: Reach] {
        var reach: [IPAddress: Reach] = [:]
        for line in output.lines {
            let words = line.split(separator: " ")
            guard words.count == 2, let address = IPAddress(words[1]) else { continue }
            switch words[0] {
            case "answers": reach[address] = .answers
            case "link": reach[address] = .linkOnly
            case "silent": reach[address] = .silent
            default: continue
            }
        }
        return reach
    }
}
