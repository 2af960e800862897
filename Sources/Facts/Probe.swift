package import Remote

/// Several facts as one shell script, which a machine answers in one execution.
package struct Probe: Sendable {
    package var facts: [any Fact]

    package init(_ facts: [any Fact]) { self.facts = facts }

    /// The script, which marks each section with a word that the machine cannot predict.
    ///
    /// - `operation`: the name of the operation in errors, "read facts".
    package func command(
        operation: String = "read facts", timeout: Duration? = nil, privileged: Bool = true
    ) -> (command: Command, marker: String) {
        let marker = "@haops-" + String(UInt64.random(in: .min ... .max), radix: 36)
        var script = """
            LC_ALL=C TZ=UTC PATH="$PATH:/usr/sbin:/sbin:/usr/local/sbin"; export LC_ALL TZ PATH

            """
        // A value that several facts use is read once; a fact that runs alone reads it itself.
        let scripts = facts.map(\.script)
        if scripts.count(where: { $0.contains("${uid-") }) > 1 { script += "uid=$(id -u)\n" }
        if scripts.count(where: { $0.contains("${executables-") }) > 1 { script += DaemonProcesses.listing }
        // Facts that wait print into a pipe, which is read when the others are done.
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
        // Each fact runs in a subshell: an error that ends one snippet, such as a `shift` too many in dash, does not
        // end the others.
        """
        echo '\(marker) \(type(of: fact).name)'
        ( :
        \(fact.script)
        ) 2>/dev/null </dev/null
        echo "
        \(marker) $?"

        """
    }

    /// Splits the script's output into its sections and parses each; malformed output makes unknown facts, never a
    /// crash.
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
                    // The newline before the closing marker belongs to the marker.
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
    /// These facts, and those of `others` whose names are not among them: each fact is asked once.
    package func completed(by others: [any Fact]) -> [any Fact] {
        let names = Set(map { type(of: $0).name })
        return self + others.filter { !names.contains(type(of: $0).name) }
    }
}
