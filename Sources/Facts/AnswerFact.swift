package import Addresses
import Remote

/// Who answers for virtual addresses, as one machine finds out by asking.
///
/// A machine that has an address asks whether anybody else answers for it, by ARP's duplicate detection; every other one
/// asks as a client does: who has it, and does each port accept. All addresses at once; about a second where nobody
/// answers. What is asked is traffic: nothing is set on any machine.
package struct AnswerFact: Fact {
    package static let name = "answer"

    package struct Question: Hashable, Sendable {
        package var address: IPAddress
        package var ports: [ServedPort]

        package init(address: IPAddress, ports: [ServedPort]) {
            self.address = address
            self.ports = ports
        }
    }

    /// No more addresses than these are asked about at once, and no more ports tried: each takes a process or two.
    package static let most = 64

    package var questions: [Question]
    /// Addresses of other machines. Where nobody answers for a virtual address, they tell whether anybody is heard.
    package var companions: [IPAddress]
    /// Tenths of a second for each answer to ARP. A kernel with `proxy_arp` takes up to eight (`neigh/default/proxy_delay`).
    package var patience: Int

    package init(_ questions: [Question], companions: [IPAddress], patience: Int = 5) {
        var left = Self.most
        self.questions = questions.prefix(Self.most).map { question in
            let ports = question.ports.prefix(left)
            left -= ports.count
            return Question(address: question.address, ports: Array(ports))
        }
        self.companions = companions
        self.patience = patience
    }
    package var duration: Int { 6 }

    package var script: String {
        let vips = questions.map { "\($0.address)" }.joined(separator: " ")
        let others = companions.map { "\($0)" }.joined(separator: " ")
        return """
            vips=\(vips.shellQuoted)
            companions=\(others.shellQuoted)
            \(Self.functions(seconds: "\(patience / 10).\(patience % 10)"))
            answers=$(
            \(questions.map(Self.jobs).joined())wait
            )
            echo "$answers"
            for d in $(echo "$answers" | sed -n 's/^listen=//p' | sort -u); do hear "$d"; done

            """
    }

    private static func jobs(_ question: Question) -> String {
        let address = "\(question.address)".shellQuoted
        return "ask \(address) &\n"
            + question.ports.map { "port \(address) \($0.number) \($0.isHTTP ? 1 : 0) &\n" }.joined()
    }

    private static func functions(seconds: String) -> String {
        """
        newline='
        '
        # arps ADDRESS INTERFACE OPTIONS: every link-layer address that answers; 1 where no arping can ask. iputils' and
        # busybox's begin with "ARPING … from …"; another program of that name understands -b and -D otherwise.
        arps() {
          command -v arping >/dev/null && command -v timeout >/dev/null || return 1
          h=$(timeout \(seconds) arping $3 -c 1 -I "$2" "$1")
          case ${h%%"$newline"*} in "ARPING "*" from "*) ;; *) return 1 ;; esac
          # Replies only: a request that somebody else sends meanwhile is printed as well, with the broadcast address.
          echo "$h" | sed -n 's/.* reply from [^ ]* [[]\\([0-9A-Fa-f:]*\\)[]].*/\\1/p' | sort -u
        }
        entry() { ip -o neigh show to "$1" dev "$2" | sed -n 's/.*lladdr \\([^ ]*\\).*/\\1/p'; }
        pings() { command -v ping >/dev/null && ping -n -c 1 -W 1 "$1" >/dev/null; }
        ask() {
          case $1 in *:*) v=6 ;; *) v=4 ;; esac
          own=$(ip -o addr show to "$1" | sed -n 's/^[0-9]*: \\([^ ]*\\) .*/\\1/p' | sort -u)
          if [ -n "$own" ]; then
            for d in $own; do
              echo "holds=$1 $d"
              [ "$d" != lo ] || continue
              echo "listen=$d"
              # Without a source address, and so without announcing the one that is asked about.
              [ $v = 6 ] || arps "$1" "$d" -D | sed "s/^/mac=$1 /"
            done
            return
          fi
          r=$(ip -o route get "$1") || return
          case $r in
            *" via "*) echo "far=$1"; ! pings "$1" || echo "ping=$1"; return ;;
          esac
          d=$(echo "$r" | sed -n 's/.* dev \\([^ ]*\\).*/\\1/p')
          # The kernel makes an entry also where it can send nothing.
          case $(ip -o link show dev "$d") in *LOWER_UP*) ;; *) echo "cut=$1 $d"; return ;; esac
          known=$(entry "$1" "$d")
          if [ $v = 4 ] && m=$(arps "$1" "$d" -b); then
            # A request may be lost.
            [ -n "$m" ] || m=$(arps "$1" "$d" -b)
            echo "asked=$1 $d"
          elif pings "$1"; then
            m=$(entry "$1" "$d")
            echo "ping=$1"
            echo "asked=$1 $d"
          else
            m=
            [ -n "$known" ] || m=$(entry "$1" "$d")
            # What was known before may be as old as the machine.
            [ -n "$known" ] && echo "cached=$1 $d" || echo "asked=$1 $d"
          fi
          [ -z "$m" ] && echo "listen=$d" || echo "$m" | sed "s/^/mac=$1 /"
        }
        heard() {
          case $1 in *:*) m= ;; *) m=$(arps "$1" "$2" "-b -f") ;; esac
          [ -n "$m" ] || ! pings "$1" || m=$(entry "$1" "$2")
          [ -z "$m" ] || echo "heard=$2 $1"
        }
        hear() {
          n=0
          for a in $companions $(ip -o neigh show dev "$1" | sed -n 's/^\\([^ ]*\\) .*lladdr.*/\\1/p' | head -n 4); do
            case " $vips " in *" $a "*) continue ;; esac
            case $(ip -o route get "$a") in *" via "*) continue ;; *" dev $1 "*) ;; *) continue ;; esac
            [ $n -lt 6 ] || break
            n=$((n + 1))
            heard "$a" "$1" &
          done
          wait
          [ $n -eq 0 ] || echo "listened=$1"
        }
        # The beginning of HTTP/2: haproxy answers it by itself, and troubles no backend with it.
        port() {
          if command -v bash >/dev/null && command -v timeout >/dev/null; then
            r=$(timeout 1 bash -c 'exec 3<>"/dev/tcp/$0/$1" || exit
              echo open
              [ "$2" = 1 ] || exit 0
              printf "PRI * HTTP/2.0\\r\\n\\r\\nSM\\r\\n\\r\\n\\0\\0\\0\\4\\0\\0\\0\\0\\0" >&3
              head -c 1 <&3 >/dev/null
              echo answers' "$1" "$2" "$3" 2>&1 || echo "status=$?")
            case $r in
              *answers*) r=answers ;;
              open*) [ "$3" = 1 ] && r=mute || r=open ;;
              *refused*) r=refused ;;
              *status=124* | *"o route"* | *nreachable*) r=silent ;;
              *) return ;;
            esac
          elif command -v curl >/dev/null; then
            case $1 in *:*) u="[$1]" ;; *) u=$1 ;; esac
            curl -s -m 1 "telnet://$u:$2" >/dev/null
            case $? in 0) r=open ;; 7) r=refused ;; 28) r=silent ;; *) return ;; esac
          else
            return
          fi
          echo "port=$1 $2 $r"
        }
        """
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> AnswerProbe {
        var probe = AnswerProbe()
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let words = line[line.index(after: equals)...].split(separator: " ").map(String.init)
            guard let first = words.first else { continue }
            let second = words.count > 1 ? words[1] : ""
            switch line[..<equals] {
            case "listened": probe.listened.insert(first)
            case "heard":
                if let address = IPAddress(second) { probe.heard[first, default: []].append(address) }
            default:
                guard let address = IPAddress(first) else { continue }
                probe.answers[address, default: .init()].add(
                    String(line[..<equals]), second, words.count > 2 ? words[2] : "")
            }
        }
        return probe
    }
}
