/// One process of keepalived or haproxy, and where it belongs.
package struct DaemonProcess: Hashable, Sendable {
    package enum Daemon: String, Hashable, Sendable { case keepalived, haproxy }

    package var daemon: Daemon
    package var pid: Int
    package var parent: Int
    /// As the kernel writes it: `R`, `S`, `D`, `T`, `Z`.
    package var state: String
    /// Whether it runs in another network namespace than the machine's; `nil` if the asking user may not know.
    package var isInOtherNetwork: Bool?
    /// Its control group: `/system.slice/haproxy.service`; empty without one.
    package var cgroup: String
    /// The words of its command line, the program first.
    package var arguments: [String]
    /// The main process of the service in whose control group it is; `nil` if not known, or for a process that another
    /// one of its daemon has started.
    package var mainPID: Int?

    package init(
        daemon: Daemon, pid: Int, parent: Int = 1, state: String = "S", isInOtherNetwork: Bool? = false,
        cgroup: String = "", arguments: [String] = [], mainPID: Int? = nil
    ) {
        self.daemon = daemon
        self.pid = pid
        self.parent = parent
        self.state = state
        self.isInOtherNetwork = isInOtherNetwork
        self.cgroup = cgroup
        self.arguments = arguments
        self.mainPID = mainPID
    }

    /// The service of its control group: `haproxy.service`, but also `ssh.service`, from which somebody has started it.
    package var service: String? {
        cgroup.split(separator: "/").last { $0.hasSuffix(".service") && !$0.hasPrefix("user@") }
            .map(String.init)
    }

    /// The service whose main process it is.
    package var unit: String? { mainPID == pid ? service : nil }

    /// The configuration files on its command line, in their order: `-f`, for keepalived also `--use-file`, and for
    /// haproxy all words after `--`.
    package var configurationFiles: [String] {
        let words = arguments.dropFirst()
        if daemon == .keepalived { return CommandLineOption.values(of: ["-f", "--use-file"], in: words) }
        let options = words.prefix { $0 != "--" }
        return CommandLineOption.values(of: ["-f"], in: options) + words.dropFirst(options.count + 1)
    }

    /// The pid file on its command line.
    package var pidFile: String? {
        CommandLineOption.values(
            of: daemon == .keepalived ? ["-p", "--pid"] : ["-p"], in: arguments.dropFirst()
        ).last
    }
}

/// Every process of both daemons in the machine's own process namespace: its parent, state, network, control group and
/// command line. Processes in containers do not count.
package struct ProcessesFact: Fact {
    package static let name = "processes"
    /// The maximum number of processes of each daemon.
    static let most = 64
    /// The maximum number of words of a command line that are kept.
    static let mostWords = 200

    package init() {}

    package let script = """
        \(DaemonProcesses.function)
        own=$(readlink /proc/self/ns/net)
        for s in keepalived haproxy; do
          pids=" $(processes_of "$s" everywhere | sort -un | head -n \(most) | tr '\\n' ' ')"
          for p in $pids; do
            read -r stat <"/proc/$p/stat" || continue
            # The fields after the name, which may contain blanks.
            set -- ${stat##*) }
            net=$(readlink "/proc/$p/ns/net")
            case $net in '') net=unknown ;; "$own") net=own ;; *) net=other ;; esac
            echo "process=$s $p $2 $1 $net"
            # Version 2 of control groups, else systemd's own hierarchy.
            sed -n -e 's/^0::/cgroup=/p' -e 's/^[0-9]*:name=systemd:/group=/p' "/proc/$p/cgroup"
            case $pids in
              *" $2 "*) ;;
              *)
                unit=$(sed -n -e 's|^0::.*/\\([^/]*[.]service\\).*|\\1|p' -e 's|^[0-9]*:name=systemd:.*/\\([^/]*[.]service\\).*|\\1|p' "/proc/$p/cgroup" | head -n 1)
                [ -z "$unit" ] || echo "main=$(systemctl show -p MainPID --value "$unit")"
                ;;
            esac
            tr '\\0\\n' '\\n ' <"/proc/$p/cmdline" | head -c 8192 | sed 's/^/word=/'
            echo
          done
        done
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> [DaemonProcess] {
        var found: [DaemonProcess] = []
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "process":
                let words = value.split(separator: " ")
                guard words.count == 5, let daemon = DaemonProcess.Daemon(rawValue: String(words[0])),
                    let pid = Int(words[1]), let parent = Int(words[2]), found.count < 2 * Self.most
                else { continue }
                found.append(
                    DaemonProcess(
                        daemon: daemon, pid: pid, parent: parent, state: String(words[3]),
                        isInOtherNetwork: words[4] == "unknown" ? nil : words[4] == "other"))
            case "cgroup", "group":
                guard let last = found.indices.last, value != "/" else { continue }
                found[last].cgroup = String(value)
            case "main":
                guard let last = found.indices.last else { continue }
                found[last].mainPID = Int(value)
            case "word":
                guard let last = found.indices.last, found[last].arguments.count < Self.mostWords else {
                    continue
                }
                found[last].arguments.append(String(value))
            default: break
            }
        }
        return found
    }
}

extension Sequence<DaemonProcess> {
    /// The first process of each tree of a daemon: its master, with the processes that it has started left out.
    package func roots(of daemon: DaemonProcess.Daemon) -> [DaemonProcess] {
        let all = filter { $0.daemon == daemon }
        let pids = Set(all.map(\.pid))
        return all.filter { !pids.contains($0.parent) }
    }

    /// The first process of the tree that a process belongs to.
    package func root(of pid: Int) -> DaemonProcess? {
        var current = first { $0.pid == pid }
        var left = 10
        while let process = current, left > 0, let parent = first(where: { $0.pid == process.parent }) {
            current = parent
            left -= 1
        }
        return current
    }
}

/// Options of a command line, written `-f X`, `-fX` or `--use-file=X`.
enum CommandLineOption {
    /// The values of an option in their order.
    static func values(of names: [String], in words: some Sequence<String>) -> [String] {
        var values: [String] = []
        var isNext = false
        for word in words {
            if isNext {
                values.append(word)
                isNext = false
                continue
            }
            for name in names {
                if word == name {
                    isNext = true
                } else if name.hasPrefix("--"), word.hasPrefix(name + "=") {
                    values.append(String(word.dropFirst(name.count + 1)))
                } else if !name.hasPrefix("--"), !word.hasPrefix("--"), word.hasPrefix(name) {
                    values.append(String(word.dropFirst(name.count)))
                } else {
                    continue
                }
                break
            }
        }
        return values
    }
}
