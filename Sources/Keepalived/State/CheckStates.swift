/// What a daemon says of the checks that it runs, from `/tmp/keepalived.data`; no JSON dump has it.
package struct CheckStates: Hashable, Sendable {
    package struct Script: Hashable, Sendable {
        package var name: String
        /// Whether its last result counts as a failure; `nil` before its first result.
        package var isFailing: Bool?

        package init(name: String, isFailing: Bool? = nil) { (self.name, self.isFailing) = (name, isFailing) }
    }

    /// `vrrp_track_process`.
    package struct Process: Hashable, Sendable {
        package var name: String
        /// How many processes the daemon believes to run.
        package var running: Int?
        package var hasQuorum: Bool?

        package init(name: String, running: Int? = nil, hasQuorum: Bool? = nil) {
            (self.name, self.running, self.hasQuorum) = (name, running, hasQuorum)
        }
    }

    /// The daemon leaves out a script that it has disabled.
    package var scripts: [Script]
    package var processes: [Process]

    package init(scripts: [Script] = [], processes: [Process] = []) {
        (self.scripts, self.processes) = (scripts, processes)
    }

    package subscript(script name: String) -> Script? { scripts.first { $0.name == name } }

    private enum Section { case scripts, processes, other }

    /// `nil` when the dump has no VRRP part, for example because it is still being written.
    package init?(dump: some Sequence<UInt8>) {
        self.init()
        var section = Section.other
        var isWhole = false
        for line in Array(dump).split(separator: UInt8(ascii: "\n")) {
            let text = line.configurationText
            if text.hasPrefix("------<") {
                isWhole = isWhole || text.contains("VRRP Topology")
                section =
                    text.contains("VRRP Scripts")
                    ? .scripts : text.contains("VRRP Track process") ? .processes : .other
                continue
            }
            guard section != .other, let range = text.firstRange(of: " = ") else { continue }
            let key = text[..<range.lowerBound].drop { $0 == " " }
            let value = text[range.upperBound...]
            switch (section, key) {
            case (.scripts, "VRRP Script"): scripts.append(Script(name: String(value)))
            case (.scripts, "Status") where !scripts.isEmpty:
                scripts[scripts.count - 1].isFailing = value == "BAD" ? true : value == "GOOD" ? false : nil
            case (.processes, "VRRP Track process"): processes.append(Process(name: String(value)))
            case (.processes, "Current processes") where !processes.isEmpty:
                processes[processes.count - 1].running = Int(value)
            case (.processes, "Have quorum") where !processes.isEmpty:
                processes[processes.count - 1].hasQuorum = value == "true"
            default: break
            }
        }
        guard isWhole else { return nil }
    }
}
