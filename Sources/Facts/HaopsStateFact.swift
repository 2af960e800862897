import Inventory

/// haops' own state on a machine: backups and handover files. Pending work is in ``PendingWork``.
package struct HaopsState: Hashable, Sendable {
    /// The backups, oldest first.
    package var sets: [SavedSet]
    /// The numbers in handover files, which keepalived adds to priorities, by instance. A handover file exists if the
    /// daemon's configuration follows it.
    package var handovers: [String: Int]

    /// The backup of the files that a run replaced.
    package struct SavedSet: Hashable, Sendable {
        package var run: String
        /// `WHO WHAT`.
        package var why: String
        /// Whether the node has gone back to this backup because the run failed or nobody confirmed it.
        package var isPutBack: Bool { why.hasSuffix(", put back") }
        package var files: [File]
        /// The kernel settings that were in force.
        package var sysctls: [String: String] = [:]
        /// The state of the daemons, by name.
        package var services: [String: Service] = [:]

        package struct Service: Hashable, Sendable {
            package var wasRunning: Bool
            package var wasEnabled: Bool
        }

        package struct File: Hashable, Sendable {
            package var path: String
            package var isAbsent: Bool
            package var mode: Int
            package var owner: String
            package var role: String
        }
    }

    package init(sets: [SavedSet] = [], handovers: [String: Int] = [:]) {
        self.sets = sets
        self.handovers = handovers
    }
}

package struct HaopsStateFact: Fact {
    package static let name = "haops"

    /// Whether the backups are listed, of which a machine has several.
    package var listsBackups: Bool

    package init(listsBackups: Bool = false) { self.listsBackups = listsBackups }

    package var script: String { (listsBackups ? Self.backups : "") + Self.handovers }

    private static let backups = """
        for d in \(NodePaths.stateDirectory)/sets/*/; do
          d=${d%/}
          [ -f "$d/list" ] || continue
          case $d in *.part) continue;; esac
          echo "set=${d##*/} $(cat "$d/why")"
          sed 's/^/file=/' "$d/list"
          sed 's/^/sysctl=/' "$d/sysctls"
          sed 's/^/service=/' "$d/services"
        done

        """

    private static let handovers = """
        for f in \(NodePaths.handover(of: "*")); do
          case $f in *.why | *'*') continue;; esac
          echo "handover=${f#\(NodePaths.handover(of: ""))} $(cat "$f")"
        done
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> HaopsState {
        var state = HaopsState()
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: equals)...])
            let words = value.split(separator: " ", maxSplits: 4).map(String.init)
            switch line[..<equals] {
            case "handover" where !words.isEmpty:
                state.handovers[words[0]] = words.count > 1 ? Int(words[1]) ?? 0 : 0
            case "set" where !words.isEmpty:
                state.sets.append(
                    HaopsState.SavedSet(
                        run: words[0],
                        // WHO and WHAT, with a tab between them.
                        why: words.dropFirst().joined(separator: " ").replacing("\t", with: " "), files: []))
            case "file" where words.count == 5 && !state.sets.isEmpty:
                state.sets[state.sets.count - 1].files.append(
                    HaopsState.SavedSet.File(
                        path: words[4], isAbsent: words[0] == "absent",
                        mode: Int(words[1], radix: 8) ?? 0o600,
                        owner: words[2], role: words[3]))
            case "sysctl" where words.count > 1 && !state.sets.isEmpty:
                state.sets[state.sets.count - 1].sysctls[words[0]] = words.dropFirst().joined(separator: " ")
            case "service" where words.count == 3 && !state.sets.isEmpty:
                state.sets[state.sets.count - 1].services[words[0]] = HaopsState.SavedSet.Service(
                    wasRunning: words[1] == "active", wasEnabled: words[2] == "enabled")
            default: break
            }
        }
        return state
    }
}
