package import Keepalived

/// What keepalived's journal has of the roles of the process that runs now.
package struct RoleRecord: Hashable, Sendable {
    /// What the journal has of one instance.
    package struct Instance: Hashable, Sendable {
        package var role: LiveState.Role?
        /// The last change of ``role``, in seconds since 1970.
        package var changedAt: Int?
        /// The priority after its last change; `nil` where the journal has no change.
        package var priority: Int?

        package init(role: LiveState.Role? = nil, changedAt: Int? = nil, priority: Int? = nil) {
            self.role = role
            self.changedAt = changedAt
            self.priority = priority
        }
    }

    package var instances: [String: Instance]
    /// Whether the journal says that lines are missing.
    package var hasGaps: Bool
    /// The process's last reading of its configuration, a start or a reload, in seconds since 1970; `nil` where the journal
    /// does not go back to one.
    package var readAt: Int?
    /// When the main file was last replaced or changed; `nil` where that is not known.
    package var fileChangedAt: Int?

    package init(
        instances: [String: Instance] = [:], hasGaps: Bool = false, readAt: Int? = nil,
        fileChangedAt: Int? = nil
    ) {
        self.instances = instances
        self.hasGaps = hasGaps
        self.readAt = readAt
        self.fileChangedAt = fileChangedAt
    }
}

/// Reads ``RoleRecord``: the lines that the running VRRP process itself has written, and asks it nothing.
///
/// Since 2.0 keepalived logs every change of a role and of an effective priority at its usual level.
package struct RoleRecordFact: Fact {
    package static let name = "role-record"
    /// The number of the latest lines that are searched.
    private static let depth = 2000

    package init() {}

    /// Large journals are slow to search.
    package var duration: Int { 10 }

    /// A daemon outside its unit logs elsewhere.
    package let script = """
        \(KeepalivedProcess.function)
        find_keepalived
        [ -n "$pid" ] && grep -q '/keepalived[.]service$' "/proc/$pid/cgroup" && command -v journalctl >/dev/null || exit 0
        # The kernel ends the list without a line end.
        read -r children <"/proc/$pid/task/$pid/children"
        own=
        for p in $children; do is_ours "$p" && own="$own${own:+|}$p"; done
        [ -n "$own" ] || exit 0
        main=$(file_of "$pid")
        echo "changed=$(stat -L -c %Z "${main:-\(ConfigurationEvidence.usualMainFile)}")"
        journalctl -q --no-pager -o short-unix -u keepalived -n \(depth) |
          grep -E "Keepalived_vrrp[^ ]*\\\\[($own)\\\\]: (\\\\(.* (STATE|Changing effective priority )|Reloading\\$)|Starting VRRP child process, pid=($own)\\$|Suppressed [0-9]+ messages"
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> RoleRecord {
        var record = RoleRecord()
        // Apart from the rest, because a reload ends them all.
        var priorities: [String: Int] = [:]
        for line in output.lines {
            if line.hasPrefix("changed=") {
                record.fileChangedAt = Int(line.dropFirst("changed=".count))
                continue
            }
            if line.contains("Suppressed ") { record.hasGaps = true }
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let seconds = Double(words[0]),
                let at = Int(exactly: seconds.rounded(.down))
            else { continue }
            let message = words[2]
            if message.contains("Starting VRRP child process, pid=") {
                (record.instances, record.hasGaps, record.readAt) = ([:], false, at)
                priorities = [:]
            } else if message.hasSuffix(": Reloading") {
                // The file may have another priority now. What differs from it is logged anew.
                record.readAt = at
                priorities = [:]
            } else if let event = JournalEvent(message: message), !event.subject.isEmpty {
                switch event.kind {
                case .priorityChanged(_, let priority): priorities[event.subject] = priority
                default: record.hear(event, at: at)
                }
            }
        }
        for (name, priority) in priorities {
            record.instances[name, default: RoleRecord.Instance()].priority = priority
        }
        return record
    }
}

extension RoleRecord {
    fileprivate mutating func hear(_ event: JournalEvent, at time: Int) {
        let role: LiveState.Role
        switch event.kind {
        case .becameMaster: role = .master
        case .becameBackup: role = .backup
        case .becameFault: role = .fault
        default: return
        }
        instances[event.subject] = Instance(role: role, changedAt: time)
    }
}
