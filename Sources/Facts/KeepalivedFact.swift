import Inventory
package import Keepalived

/// keepalived on a machine: whether it runs, and the state that it reports.
package struct KeepalivedDaemon: Hashable, Sendable {
    /// The source of a daemon's role, the most reliable first.
    package enum RoleSource: Hashable, Sendable {
        /// A dump that the daemon wrote on request.
        case daemon
        /// The file of haops' notify script, written this many seconds ago. It shows the last transition, not the
        /// current state.
        case stateFile(age: Int)
        /// The journal's last transition, this many seconds ago.
        case journal(age: Int)
        /// The journal since the daemon's start, the kernel's addresses and the file that the daemon has read: all three
        /// agree, so the daemon was not asked; see `HostFacts.provenState`.
        case record
        case none

        /// Whether it shows the current state, with priorities and addresses.
        package var isCurrent: Bool { self == .daemon || self == .record }
    }

    /// An override: a successor whose priority was raised above its owner's, with who did it and why; see
    /// `switchover`.
    package struct PriorityOverride: Hashable, Sendable {
        package var instance: String
        package var value: Int
        package var reason: String?

        package init(instance: String, value: Int, reason: String? = nil) {
            self.instance = instance
            self.value = value
            self.reason = reason
        }
    }

    package var isInstalled: Bool
    package var version: KeepalivedVersion?
    /// The parent process.
    package var pid: Int?
    /// Whether a child process runs too; without one, no process speaks VRRP. `nil` if the kernel does not report it.
    package var hasChild: Bool?
    /// Seconds since 1970 on the machine's clock.
    package var startedAt: Int?
    package var state: LiveState?
    package var roleSource: RoleSource
    /// What it says of its checks; `nil` where it was not asked or did not say.
    package var checks: CheckStates?
    /// The overrides in force.
    package var overrides: [PriorityOverride]
    /// Seconds since 1970 on the machine's clock, when it was asked.
    package var now: Int?

    /// Whether it can speak VRRP: a parent that has lost its children only starts others.
    package var isRunning: Bool { pid != nil && hasChild != false }

    package init(
        isInstalled: Bool = true, version: KeepalivedVersion? = nil, pid: Int? = nil, hasChild: Bool? = nil,
        startedAt: Int? = nil, state: LiveState? = nil, roleSource: RoleSource = .none,
        overrides: [PriorityOverride] = []
    ) {
        self.isInstalled = isInstalled
        self.version = version
        self.pid = pid
        self.hasChild = hasChild
        self.startedAt = startedAt
        self.state = state
        self.roleSource = roleSource
        self.overrides = overrides
    }
}

/// Reads the daemon's process and live state, from the most reliable source that its build offers.
///
/// Each dump leaves a line in the daemon's log. Questions that are asked often begin with ``Extent/process``, and ask for
/// the dump where ``RoleRecordFact`` and the kernel leave a doubt.
///
/// The dump is requested by the signal that the build's own `--signum=JSON` names, else by SIGUSR1, and its counters
/// by SIGUSR2. It is read through the daemon's own root, because a unit may give it a private /tmp. It is removed
/// afterwards, because it contains the VRRP password in clear. A signal that the process does not handle is never
/// sent: it would end a keepalived before 1.2.20, one that is just starting, or one that another build was installed
/// over.
///
/// A process is identified as keepalived by its executable and not by its name: `process_name` and
/// `vrrp_process_name` change the name, and an exporter's name begins with the same letters.
package struct KeepalivedFact: Fact {
    package static let name = "keepalived"
    /// The number of journal lines that are read if there is no better source.
    private static let journalDepth = 400

    /// How much is asked.
    package enum Extent: Hashable, Sendable {
        /// Its version, process and overrides; nothing is asked of the daemon itself.
        case process
        /// Also its state, which takes a dump.
        case state
        /// Also the state of its checks, which takes a second dump.
        case checks
    }

    package var extent: Extent

    package init(_ extent: Extent = .state) { self.extent = extent }

    /// Three dumps and a file system that is tried first.
    package var duration: Int { extent == .process ? 0 : 4 }

    package var script: String {
        """
        \(KeepalivedProcess.function)
        \(VersionFact.function)
        if command -v keepalived >/dev/null; then echo "version=$(keepalived_version)"; fi
        find_keepalived
        \(DaemonProcesses.freezer)
        # A stopped or frozen process takes no signal, and would write its dump, with the password, once it goes on.
        stopped=
        halts() {
          read -r stat <"/proc/$1/stat" || return 1
          case ${stat##*) } in [Tt]*) stopped=1 ;; esac
          is_frozen "$1" && stopped=1
        }
        seen=
        if [ -n "$pid" ]; then
          halts "$pid"
          echo "pid=$pid"
          # Only root follows the link, and only some kernels list the children.
          if [ -e "/proc/$pid/exe" ] && [ -r "/proc/$pid/task/$pid/children" ]; then
            read -r children <"/proc/$pid/task/$pid/children"
            echo "children=known"
            for p in ${children-}; do is_ours "$p" && echo "child=$p" && halts "$p"; done
          fi
          # The process may have ended, and then the fields after its name are missing.
          read -r stat <"/proc/$pid/stat" && set -- ${stat##*) } && [ $# -gt 19 ] && shift 19 && echo "ticks=$1"
          echo "hz=\(DaemonProcesses.ticks)"
          echo "boot=\(DaemonProcesses.boot)"
          echo "now=$(date +%s)"
          \(extent == .process ? "" : dumps)
        fi
        for f in \(NodePaths.handover(of: "*")); do
          case $f in *.why|*'*') continue;; esac
          echo "lift=${f#\(NodePaths.handover(of: ""))} $(head -n 1 "$f") $(head -n 1 "$f.why")"
        done
        [ ! -f /etc/keepalived/keepalived.conf ] ||
          sed -n 's/^[[:space:]]*# haops: switchover of \\([^ ]*\\) by \\([0-9-]*\\): /lift=\\1 \\2 /p' /etc/keepalived/keepalived.conf
        \(extent == .process ? "" : Self.otherSources)
        true
        """
    }

    /// Asks the process `$pid` for its dumps.
    private var dumps: String {
        """
        # Whether the process catches the signal, or blocks it to read it from a descriptor.
        takes() {
          case $1 in ''|*[!0-9]*) return 1;; esac
          for mask in $(sed -n -e 's/^SigBlk:[[:blank:]]*//p' -e 's/^SigCgt:[[:blank:]]*//p' "/proc/$pid/status"); do
            n=$((($1 - 1) / 4))
            while [ $n -gt 0 ]; do mask=${mask%?} n=$((n - 1)); done
            digit=${mask#"${mask%?}"}
            [ $((0x${digit:-0} >> (($1 - 1) % 4) & 1)) -eq 1 ] && return 0
          done
          return 1
        }
        root=/proc/$pid/root
        # Since 2.2.5 keepalived uses its TMPDIR.
        tmp=$(tr '\\0' '\\n' <"/proc/$pid/environ" | sed -n '/^TMPDIR=[/]/{s/^TMPDIR=//p;q;}')
        tmp=${tmp:-/tmp}
        forget() { rm -f "$root$tmp/$1" "$root/tmp/$1"; }
        # Whether files can be removed there within a second. Where the file system hangs, the daemon would hang too when it
        # writes its dump: it is not asked then. A process that hangs in the kernel cannot be ended, so nobody waits for it,
        # and it keeps none of this script's files open.
        writable() {
          ( forget haops-probe ) >/dev/null 2>&1 </dev/null &
          probe=$! n=0
          while read -r stat <"/proc/$probe/stat"; do
            case ${stat##*) } in Z* | X*) break ;; esac
            [ $n -lt 50 ] || { kill -9 "$probe"; return 1; }
            [ $n -lt 5 ] && sleep 0.002 || sleep 0.02
            n=$((n + 1))
          done
        }
        asked=
        send() {
          [ -z "$stopped" ] && takes "$1" || return 1
          forget "$2"
          asked="$asked $2"
          kill -s "$1" "$pid"
        }
        # In /tmp everybody can make a file of that name; the daemon's is a file of root's own.
        is_dump() { [ -s "$1" ] && [ -f "$1" ] && [ ! -L "$1" ] && [ -O "$1" ]; }
        collect() {
          n=0
          while [ $n -lt 40 ]; do
            dump=$root$tmp/$1
            is_dump "$dump" || dump=$root/tmp/$1
            if is_dump "$dump"; then
              size=$(wc -c <"$dump")
              sleep 0.02
              [ "$size" -eq "$(wc -c <"$dump")" ] && break
            else
              sleep 0.02
            fi
            n=$((n+1))
          done
          is_dump "$dump" || return 1
          echo "dump=$1"
          cat "$dump"
          echo
          echo "dump-end=$1"
          forget "$1"
        }
        writable && can=1 || can=
        echo "writable=$can"
        [ -n "$can" ] && signal=$(keepalived --signum=JSON) && send "$signal" keepalived.json && collect keepalived.json && seen=1
        if [ -n "$can" ] && [ -z "$seen" ] && send 10 keepalived.data; then
          # The daemon writes the second file while the script waits for the first.
          send 12 keepalived.stats && counts=1 || counts=
          collect keepalived.data && seen=1
          [ -z "$seen" ] || [ -z "$counts" ] || collect keepalived.stats
          # Files that its other processes wrote for the same signal.
          asked="$asked keepalived_parent.data keepalived_check.data keepalived_bfd.data"
        fi
        \(extent == .checks ? Self.asking : "")
        # Again at the end, because a file may have come late.
        [ -z "$asked" ] || for f in $asked; do forget "$f"; done
        """
    }

    /// What the notify script and the journal say, where there is no dump.
    private static let otherSources = """
        if [ -n "$pid" ] && [ -z "$seen" ]; then
          for f in \(NodePaths.state(of: "*")); do [ -r "$f" ] && echo "notified=${f#\(NodePaths.state(of: ""))} $(cat "$f")"; done
          command -v journalctl >/dev/null &&
            journalctl -q --no-pager -o short-unix -u keepalived -n \(Self.journalDepth) | sed 's/^/journal=/'
        fi
        """

    /// The text dump, where a JSON dump has said the rest.
    private static let asking = """
        case $asked in
          *keepalived.data*) ;;
          *)
            # Nothing is removed below where nothing was asked: the file system may hang.
            if [ -n "$seen" ] && send 10 keepalived.data; then
              collect keepalived.data
              asked="$asked keepalived_parent.data keepalived_check.data keepalived_bfd.data"
            fi
            ;;
        esac
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> KeepalivedDaemon {
        var daemon = KeepalivedDaemon(isInstalled: false)
        var numbers: [String: Int] = [:]
        var notified: [LiveState.Instance] = []
        var notifiedAt = 0
        var journal: [Substring] = []
        // Where the open dump began: its lines are contiguous in one text.
        var dump: (name: Substring, end: String, start: Substring.Index?)?
        for line in output.lines {
            if let open = dump {
                if line == open.end {
                    let text = open.start.map { line.base[$0..<line.startIndex] } ?? ""
                    daemon.hear(text, from: open.name)
                    dump = nil
                } else if open.start == nil {
                    dump?.start = line.startIndex
                }
                continue
            }
            guard let equals = line.firstIndex(of: "=") else { continue }
            let key = line[..<equals]
            let value = line[line.index(after: equals)...]
            switch key {
            case "version":
                daemon.isInstalled = true
                daemon.version = KeepalivedVersion(value.prefix { $0 != " " })
            case "pid": daemon.pid = Int(value)
            case "children": daemon.hasChild = daemon.hasChild ?? false
            case "child": daemon.hasChild = true
            case "now", "ticks", "hz", "boot": numbers[String(key)] = Int(value)
            case "dump": dump = (value, "dump-end=\(value)", nil)
            case "lift":
                if let priorityOverride = Self.priorityOverride(value) {
                    daemon.overrides.append(priorityOverride)
                }
            case "notified":
                if let (instance, at) = Self.notified(value) {
                    notified.append(instance)
                    notifiedAt = max(notifiedAt, at)
                }
            case "journal": journal.append(value)
            default: break
            }
        }
        if let boot = numbers["boot"], let ticks = numbers["ticks"], let hz = numbers["hz"], hz > 0,
            ticks >= 0
        {
            daemon.startedAt = boot.addingReportingOverflow(ticks / hz).partialValue
        }
        daemon.now = numbers["now"]
        if daemon.state == nil, let now = numbers["now"], daemon.isRunning, !notified.isEmpty {
            daemon.state = LiveState(instances: notified)
            daemon.roleSource = .stateFile(
                age: max(0, now.subtractingReportingOverflow(notifiedAt).partialValue))
        }
        if daemon.state == nil, let now = numbers["now"], daemon.isRunning,
            let last = journal.suffix(Self.journalDepth).compactMap({ JournalEntry(shortUnix: $0) })
                .lastStates()
        {
            daemon.state = last.state
            daemon.roleSource = .journal(age: max(0, Int(exactly: (Double(now) - last.at).rounded()) ?? 0))
        }
        return daemon
    }

    /// Parses `VI_1 51 restart of lb1 by …`.
    private static func priorityOverride(_ value: Substring) -> KeepalivedDaemon.PriorityOverride? {
        let words = value.split(separator: " ", maxSplits: 2)
        guard words.count >= 2, let amount = Int(words[1]), amount != 0 else { return nil }
        return KeepalivedDaemon.PriorityOverride(
            instance: String(words[0]), value: amount, reason: words.count > 2 ? String(words[2]) : nil)
    }

    /// Parses `VI_1 MASTER 150 1795251249`, as haops' notify script writes it.
    private static func notified(_ value: Substring) -> (LiveState.Instance, Int)? {
        let words = value.split(separator: " ")
        guard words.count >= 4, let role = LiveState.Role(rawValue: String(words[1])),
            let priority = Int(words[2]), let at = Int(words[3])
        else { return nil }
        let instance = LiveState.Instance(
            name: String(words[0]), role: role, basePriority: priority, effectivePriority: priority,
            lastTransition: at)
        return (instance, at)
    }
}

extension KeepalivedDaemon {
    /// Parses one of the daemon's own files.
    fileprivate mutating func hear(_ text: Substring, from file: Substring) {
        switch file {
        case "keepalived.json": state = LiveState(json: text.utf8)
        case "keepalived.data":
            checks = CheckStates(dump: text.utf8)
            // A JSON dump has more.
            state = state ?? LiveState(dump: text.utf8)
        default: state?.count(statistics: text.utf8)
        }
        if state != nil { roleSource = .daemon }
    }
}
