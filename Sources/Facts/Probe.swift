package import Remote

/// Several facts as one shell script: one execution on a machine answers them all.
package struct Probe: Sendable {
    package var facts: [any Fact]

    package init(_ facts: [any Fact]) { self.facts = facts }

    /// The script, marking each section with a word that the machine cannot have foreseen.
    ///
    /// - `operation`: what an error calls it, "read facts".
    package func command(
        operation: String = "read facts", timeout: Duration? = nil, privileged: Bool = true
    ) -> (command: Command, marker: String) {
        let marker = "@haops-" + String(UInt64.random(in: .min ... .max), radix: 36)
        var script = """
            LC_ALL=C TZ=UTC PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin"; export LC_ALL TZ PATH

            """
        // What several facts ask first is asked once; each finds out for itself where it stands alone.
        let scripts = facts.map(\.script)
        if scripts.count(where: { $0.contains("${uid-") }) > 1 { script += "uid=$(id -u)\n" }
        if scripts.count(where: { $0.contains("${executables-") }) > 1 { script += DaemonProcesses.listing }
        // What waits prints into a pipe, which is emptied when the others are done.
        let waiting = facts.filter(\.waits).map { Self.section($0, marker) }.joined()
        let others = facts.filter { !$0.waits }.map { Self.section($0, marker) }.joined()
        script += waiting.isEmpty ? others : "{\n\(waiting)} | {\n\(others)cat\n}\n"
        var command = Command(script, operation: operation, privileged: privileged, timeout: timeout)
        if facts.contains(where: \.isConfidential) {
            command.script = "eval \"$(cat)\""
            command.input = Array(script.utf8)
        }
        return (command, marker)
    }

    private static func section(_ fact: any Fact, _ marker: String) -> String {
        // A subshell each: what ends one fact's snippet, a `shift` too many in dash, does not end the others.
        """
        echo '\(marker) \(type(of: fact).name)'
        ( :
        \(fact.script)
        ) 2>/dev/null </dev/null
        echo "
        \(marker) $?"

        """
    }

    /// Splits the script's output into its sections and parses each; garbage makes unknown facts, never a crash.
    package func facts(of host: HostID, from output: [UInt8], marker: String) -> HostFacts {
        let sections = Self.sections(of: output, marker: Array(marker.utf8))
        var result = HostFacts(host: host)
        for fact in facts {
            result.record(fact, sections[type(of: fact).name])
        }
        return result
    }

    /// Lines `MARKER name` open a section, lines `MARKER status` close it.
    private static func sections(of output: [UInt8], marker: [UInt8]) -> [String: SectionOutput] {
        var sections: [String: SectionOutput] = [:]
        var open: (name: String, start: Int)?
        var position = 0
        while position < output.count {
            let end = output[position...].firstIndex(of: UInt8(ascii: "\n")) ?? output.count
            let line = output[position..<end]
            if line.starts(with: marker) {
                let word = String(decoding: line.dropFirst(marker.count + 1), as: UTF8.self)
                if let section = open {
                    // The newline before the closing marker is the marker's own.
                    let stop = max(section.start, position - 1)
                    sections[section.name] = SectionOutput(
                        bytes: output[section.start..<stop], status: Int(word) ?? -1)
                    open = nil
                } else {
                    open = (word, min(end + 1, output.count))
                }
            }
            position = end + 1
        }
        return sections
    }
}

extension Transport {
    /// Asks one probe.
    ///
    /// - `anew`: over a new login, which proves that one can log in.
    package func facts(
        of target: SSHTarget, _ probe: Probe, anew: Bool = false
    ) async -> Result<HostFacts, RemoteError> {
        let (command, marker) = probe.command()
        let answer = anew ? await askAnew(target, command) : await ask(target, command)
        return answer.map { probe.facts(of: target.id, from: $0.stdout, marker: marker) }
    }
}

extension [any Fact] {
    /// These, and of `others` those whose names none of these has: each fact is asked for once.
    package func completed(by others: [any Fact]) -> [any Fact] {
        let names = Set(map { type(of: $0).name })
        return self + others.filter { !names.contains(type(of: $0).name) }
    }
}
