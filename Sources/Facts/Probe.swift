package import Remote

/// Several facts as one shell script, which a machine answers in one execution.
///
/// Each fact has a time limit of its own. What hangs (a file system, D-Bus, a daemon) costs its own answer, and the facts
/// after it are still asked.
package struct Probe: Sendable {
    package var facts: [any Fact]
    /// Groups of facts that are asked while ``facts`` are, each group beside the others, because their answers may be of any
    /// moment of that time.
    package var beside: [[any Fact]]

    package init(_ facts: [any Fact], beside: [[any Fact]] = []) {
        self.facts = facts.askedOnce
        self.beside = beside
    }

    /// Seconds that a fact may take besides its own ``Fact/duration``.
    package var patience = 12
    /// The same after several facts of one probe were late: each halves it, so that the rest of the answer still arrives
    /// within the usual time limit of a command.
    private static let leastPatience = 3

    /// The maximum size in bytes of a script in a command line: a request to a server of SSH fits in one packet, and libssh2's
    /// hold 32 KiB.
    private static let longestCommand = 16 << 10

    /// The script, which marks each section with a word that the machine cannot predict.
    ///
    /// - `operation`: the name of the operation in errors, "read facts".
    package func command(
        operation: String = "read facts", timeout: Duration? = nil, privileged: Bool = true
    ) -> (command: Command, marker: String) {
        let marker = "@haops-" + String(UInt64.random(in: .min ... .max), radix: 36)
        var script = """
            LC_ALL=C TZ=UTC PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin"; export LC_ALL TZ PATH
            \(functions(marker))

            """
        let all = beside.flatMap(\.self) + facts
        // A value that several facts use is read once; a fact that runs alone reads it itself.
        let scripts = all.map(\.script)
        if scripts.count(where: { $0.contains("${uid-") }) > 1 { script += "uid=$(id -u)\n" }
        if scripts.count(where: { $0.contains("${executables-") }) > 1 { script += DaemonProcesses.listing }
        if scripts.count(where: { $0.contains("${boot-") }) > 1 { script += DaemonProcesses.bootTime }
        var body = Self.timed(facts.filter { !$0.waits }, marker)
        // Each prints into a pipe of its own, which is read when the others are done.
        for group in beside + facts.filter(\.waits).map({ [$0] }) {
            body = "{\n\(Self.timed(group, marker))over\n} | {\n\(body)relay\n}\n"
        }
        script += "{\n\(body)over\n} 2>/dev/null | relay\n"
        var command = Command(script, operation: operation, privileged: privileged, timeout: timeout)
        if all.contains(where: \.isConfidential) || script.utf8.count > Self.longestCommand {
            command.script = "eval \"$(cat)\""
            command.input = Array(script.utf8)
        }
        return (command, marker)
    }

    /// A clock ticks by a signal that a process ignores unless it asks for it, and a tick ends the shell's `wait`. So facts
    /// that are prompt cost nothing more than before: one clock for all of them.
    private func functions(_ marker: String) -> String {
        let least = min(patience, Self.leastPatience)
        return """
            # A path may have a backslash, which some shells' own echo would take for more than that.
            echo() { printf '%s\\n' "$*"; }
            start_clock() {
              read -r p_shell p_rest </proc/self/stat
              p_ticks=0 p_patience=\(patience)
              trap 'p_ticks=$((p_ticks + 1))' URG
              ( trap 'kill "$p_nap"; exit 0' TERM
                while sleep 1 & p_nap=$!; do wait "$p_nap"; kill -URG "$p_shell" || exit 0; done ) >/dev/null </dev/null &
              p_clock=$!
            }
            stop_clock() { kill "$p_clock"; }
            # give_up PID: ends it and whatever it has started. What hangs in the kernel ends when it wakes up, without another word.
            give_up() {
              set -- "$1" $(cat "/proc/$1/task/$1/children")
              kill -9 "$1"
              shift
              for p_child; do give_up "$p_child"; done
            }
            # await PID SECONDS: closes the section of a fact when it has ended or is late.
            await() {
              p_ticks=0
              while :; do
                p_seen=$p_ticks
                wait "$1"
                p_status=$?
                # Without a tick, or without the process, it has ended.
                [ "$p_ticks" -ne "$p_seen" ] && kill -0 "$1" || break
                [ "$p_ticks" -gt $(($2 + p_patience)) ] || continue
                give_up "$1"
                p_status="late $(($2 + p_patience))"
                p_patience=$((p_patience / 2))
                [ "$p_patience" -ge \(least) ] || p_patience=\(least)
                break
              done
              echo "
            \(marker) $p_status"
            }
            over() { echo '\(marker) over'; }
            # A process that cannot be ended may keep a pipe open for ever: so nobody reads to its end.
            relay() { sed -n '/^\(marker) over$/q;p'; }
            """
    }

    private static func timed(_ facts: [any Fact], _ marker: String) -> String {
        "start_clock\n" + facts.map { section($0, marker) }.joined() + "stop_clock\n"
    }

    private static func section(_ fact: any Fact, _ marker: String) -> String {
        // Each fact runs in a subshell: an error that ends one snippet, such as a `shift` too many in dash, does not
        // end the others.
        """
        echo '\(marker) \(type(of: fact).name)'
        ( :
        \(fact.script)
        ) 2>/dev/null </dev/null &
        await $! \(fact.duration)

        """
    }

    /// Splits the script's output into its sections and parses each; malformed output makes unknown facts, never a
    /// crash.
    package func facts(of host: HostID, from output: [UInt8], marker: String) -> HostFacts {
        let sections = Self.sections(of: output, marker: Array(marker.utf8))
        var result = HostFacts(host: host)
        for fact in beside.flatMap(\.self) + facts {
            result.record(fact, sections[type(of: fact).name])
        }
        return result
    }

    /// Lines `MARKER name` open a section, lines `MARKER status` close it; `MARKER late SECONDS` where the fact was given
    /// up.
    ///
    /// The word is in the arguments of a shell, where any user of the machine may read it. Whoever gets it into the output
    /// makes a section come twice: which of the two is true is not known, and so neither is.
    private static func sections(of output: [UInt8], marker: [UInt8]) -> [String: SectionOutput] {
        var sections: [String: SectionOutput] = [:]
        var doubtful: Set<String> = []
        var open: (name: String, start: Int)?
        var position = 0
        while position < output.count {
            let end = output[position...].firstIndex(of: UInt8(ascii: "\n")) ?? output.count
            let line = output[position..<end]
            if line.starts(with: marker) {
                let word = String(decoding: line.dropFirst(marker.count + 1), as: UTF8.self)
                if let section = open {
                    // The newline before the closing marker belongs to the marker.
                    let stop = max(section.start, position - 1)
                    let late = word.hasPrefix("late ") ? Int(word.dropFirst(5)) ?? 0 : nil
                    let known = sections.updateValue(
                        SectionOutput(
                            bytes: output[section.start..<stop], status: Int(word) ?? -1, lateness: late),
                        forKey: section.name)
                    if known != nil { doubtful.insert(section.name) }
                    open = nil
                } else {
                    open = (word, min(end + 1, output.count))
                }
            }
            position = end + 1
        }
        return sections.filter { !doubtful.contains($0.key) }
    }
}

extension Transport {
    /// Runs one probe.
    ///
    /// - `anew`: uses a new login, which proves that logging in works.
    package func facts(
        of target: SSHTarget, _ probe: Probe, anew: Bool = false
    ) async -> Result<HostFacts, RemoteError> {
        let (command, marker) = probe.command()
        let answer = anew ? await askAnew(target, command) : await ask(target, command)
        return answer.map { probe.facts(of: target.id, from: $0.stdout, marker: marker) }
    }
}

extension [any Fact] {
    /// These facts, each once: of two with the same name the later one counts.
    fileprivate var askedOnce: [any Fact] {
        var names: Set<String> = []
        return Array(reversed().filter { names.insert(type(of: $0).name).inserted }.reversed())
    }

    /// These facts, and those of `others` whose names are not among them: each fact is asked once.
    package func completed(by others: [any Fact]) -> [any Fact] {
        let names = Set(map { type(of: $0).name })
        return self + others.filter { !names.contains(type(of: $0).name) }
    }
}
