import Inventory
import Remote

/// Pending work of haops on a machine: a lock, an automatic rollback, an unfinished run.
package struct PendingWork: Hashable, Sendable {
    /// The holder of the machine's lock; `nil` if there is none.
    package var lock: LockHolder?
    /// A change that was not confirmed and that the machine will roll back automatically.
    package var rollback: ArmedRollback?
    /// The last unfinished run on this machine.
    package var unfinished: UnfinishedRun?
    /// The run whose step is changing the machine now; the step continues when that run's connection is cut.
    package var step: String?

    package init(
        lock: LockHolder? = nil, rollback: ArmedRollback? = nil, unfinished: UnfinishedRun? = nil,
        step: String? = nil
    ) {
        self.step = step
        self.lock = lock
        self.rollback = rollback
        self.unfinished = unfinished
    }

    package struct ArmedRollback: Hashable, Sendable {
        /// The run whose change it rolls back.
        package var run: String
        /// Seconds until it happens, by the machine's own clock since its boot; negative when it is overdue.
        package var secondsLeft: Int
        /// Whether it ends the failure that a drill has made.
        package var endsDrill = false
        /// Whose change waits for a person to confirm it; `nil` where the run itself confirms.
        package var held: HeldChange?

        package init(run: String, secondsLeft: Int) {
            self.run = run
            self.secondsLeft = secondsLeft
        }

        var sentence: String {
            let due = secondsLeft > 0 ? "in \(Duration.seconds(secondsLeft).brief)" : "now"
            if endsDrill { return "a failure that the drill \(run) has made ends by itself \(due)" }
            if let held {
                let due = secondsLeft > 0 ? "in \(Duration.seconds(secondsLeft).roughly)" : "now"
                return "\(held) at \(held.since) waits for haops confirm: "
                    + "without it the node rolls back \(due) to its state before run \(run)"
            }
            return
                "an automatic rollback is scheduled: the node rolls back \(due) to its state before run \(run), "
                + "unless a run finishes the change"
        }
    }

    /// A change that has passed its run's gates, and goes back by itself unless a person confirms it.
    package struct HeldChange: Hashable, Sendable, CustomStringConvertible {
        /// Who made it: `name@host`.
        package var who: String
        /// The run's purpose: `apply`.
        package var what: String
        /// Since when it waits, in UTC, in ISO 8601 format.
        package var since: String

        package init(who: String, what: String, since: String) {
            self.who = who
            self.what = what
            self.since = since
        }

        /// "`apply` by ops@desk".
        package var description: String { "`\(what)` by \(who)" }
    }

    package struct UnfinishedRun: Hashable, Sendable, CustomStringConvertible {
        package var run: String
        package var time: String
        package var who: String
        package var what: String

        package init(run: String, time: String = "", who: String = "", what: String = "") {
            self.run = run
            self.time = time
            self.who = who
            self.what = what
        }

        /// "`apply` by ops@desk at 2026-11-29T05:40:00Z (run 20261129T054000Z-k3x9f2)".
        package var description: String {
            guard !who.isEmpty else { return run }
            return "`\(what)` by \(who) at \(time) (run \(run))"
        }

        /// For the operator.
        package var sentence: String { "an unfinished run, which the next one finishes: \(self)" }
    }

    /// The run of ``step``, if it does not hold the lock any more: it is dead, or its rollback has begun
    /// automatically.
    package var orphanedStep: String? { step == lock?.run ? nil : step }

    package var isEmpty: Bool { lock == nil && rollback == nil && unfinished == nil && step == nil }

    /// The pending work for the operator, a sentence each; empty when nothing is pending.
    package var sentences: [String] {
        var sentences: [String] = []
        if let lock { sentences.append("locked by \(lock)") }
        if let rollback { sentences.append(rollback.sentence) }
        if let orphanedStep { sentences.append("a step of run \(orphanedStep) is still at work here") }
        if lock == nil, let unfinished {
            sentences.append(unfinished.sentence)
        }
        return sentences
    }
}

/// The holder of a machine's lock, as the lock's script wrote it.
package struct LockHolder: Hashable, Sendable, CustomStringConvertible {
    /// `name@host`.
    package var who: String
    package var run: String
    /// The run's purpose: `apply`, `restart keepalived`.
    package var what: String
    /// The process on the controller.
    package var processID: String
    /// The time in UTC, in ISO 8601 format.
    package var since: String

    package init(who: String, run: String, what: String, processID: String, since: String) {
        self.who = who
        self.run = run
        self.what = what
        self.processID = processID
        self.since = since
    }

    /// Parses the fields of the node's `owner` file after the process id: WHO RUN WHAT PROCESS TIME, separated by
    /// tabs.
    package init(_ line: some StringProtocol) {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false).map {
            String($0.prefix(200))
        }
        func field(_ index: Int) -> String { fields.indices.contains(index) ? fields[index] : "" }
        self.init(who: field(0), run: field(1), what: field(2), processID: field(3), since: field(4))
    }

    /// "ops@desk (process 4711) since 2026-11-29T05:40:00Z: apply".
    package var description: String {
        guard !who.isEmpty else { return "an unknown run" }
        return "\(who) (process \(processID)) since \(since): \(what)"
    }
}

/// Reads pending work of haops on a machine. It is cheap enough for every question that haops asks.
package struct PendingFact: Fact {
    package static let name = "pending"

    package init() {}

    /// The processes of the lock and of a step are identified by the file that each keeps open, because their process
    /// ids may have been reused.
    package let script = """
        s=\(NodePaths.stateDirectory)
        v=\(NodePaths.volatileDirectory)
        tab=$(printf '\\t')
        if IFS=$tab read -r pid rest <$v/owner && [ "$(readlink "/proc/$pid/fd/9")" = $v/lock ]; then
          echo "lock=$rest"
        fi
        if read -r run due _ <$s/armed/when; then
          echo "rollback=$run $((due - $(cut -d . -f 1 /proc/uptime))) $([ ! -f $s/armed/drill ] || echo drill)"
          [ -f $s/armed/held ] && echo "held=$(head -n 1 $s/armed/held)"
        fi
        for f in $v/step.*; do
          [ -e "$f" ] && [ "$(readlink "/proc/${f##*.}/fd/8")" = "$f" ] && echo "step=$(head -n 1 "$f")"
        done
        [ -f $s/unfinished ] && echo "unfinished=$(head -n 1 $s/unfinished)"
        true
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> PendingWork {
        var pending = PendingWork()
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "step": pending.step = String(value)
            case "lock": pending.lock = LockHolder(value)
            case "rollback":
                let words = value.split(separator: " ")
                guard words.count >= 2, let seconds = Int(words[1]) else { continue }
                pending.rollback = PendingWork.ArmedRollback(run: String(words[0]), secondsLeft: seconds)
                pending.rollback?.endsDrill = words.count == 3 && words[2] == "drill"
            case "held":
                let fields = value.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
                    .map { String($0.prefix(200)) }
                guard fields.count == 3 else { continue }
                pending.rollback?.held = PendingWork.HeldChange(
                    who: fields[0], what: fields[1], since: fields[2])
            case "unfinished":
                let fields = value.split(separator: "\t", maxSplits: 3).map(String.init)
                pending.unfinished =
                    fields.count == 4
                    ? PendingWork.UnfinishedRun(
                        run: fields[0], time: fields[1], who: fields[2], what: fields[3])
                    : PendingWork.UnfinishedRun(run: String(value))
            default: break
            }
        }
        return pending
    }
}
