import HaopsTestSupport
import Remote

/// What is on a node, by its own console: files, addresses, daemons, and what haops has left there.
struct FaultNodeState: Equatable, Sendable {
    /// Every file below /etc that a run may write or leave behind, with its checksum.
    var files: [String: String] = [:]
    /// The addresses of the cluster that its kernel has.
    var holds: [String] = []
    var daemons: [String: String] = [:]
    /// Names that only an unfinished step has: they end with `.haops-new`, `.haops-old` or `.part`.
    var unfinished: [String] = []
    /// What is scheduled, locked or noted: a lock, a rollback, an override.
    var pending: [String] = []
    /// The steps of runs that are still at work, though haops may be gone.
    var steps: [String] = []
    /// Until the scheduled rollback happens, in seconds; `nil` where none is scheduled.
    var rollsBackIn: Int?
    /// Whether a timer of the node would start that rollback.
    var hasTimer = false

    /// Asks a node.
    static func read(_ node: String, on lab: LabFixture) async throws -> FaultNodeState {
        let output = try await lab.console(node, script)
        guard output.status.isSuccess, output.text.hasSuffix("end\n") else {
            throw LabFixture.Failure.failed(command: "the state of \(node)", output: output)
        }
        var state = FaultNodeState()
        for line in output.text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 2).map(String.init)
            switch words[0] {
            case "file" where words.count == 3: state.files[words[2]] = words[1]
            case "address": state.holds.append(words[1])
            case "daemon" where words.count == 3: state.daemons[words[1]] = words[2]
            case "unfinished": state.unfinished.append(words[1])
            case "pending": state.pending.append(words.dropFirst().joined(separator: " "))
            case "step": state.steps.append(words[1])
            case "due" where words.count > 1: state.rollsBackIn = Int(words[1])
            case "timer": state.hasTimer = true
            default: break
            }
        }
        return state
    }

    private static let script = """
        cd /etc
        find . -type f ! -name mtab ! -name resolv.conf ! -name '*.haops-*' ! -name '*.part' ! -name haops-revert.service \
          ! -name '.pwd.lock' ! -name ld.so.cache -exec sha256sum {} + | sed 's/^\\([^ ]*\\)  */file \\1 /'
        ip -4 -o address show dev eth1 | awk '{ split($4, a, "/"); if (a[1] ~ /^203\\.0\\.113\\.5/ && a[1] != "203.0.113.5") print "address", a[1] }'
        for d in keepalived haproxy; do echo "daemon $d $(systemctl show --property MainPID --value $d)"; done
        find /etc /var/lib/haops /usr/sbin/policy-rc.d \\( -name '*.haops-*' -o -name '*.part' -o -name policy-rc.d \\) 2>/dev/null |
          sed 's/^/unfinished /'
        for p in /var/lib/haops/armed /var/lib/haops/claimed.* /var/lib/haops/unfinished /var/lib/haops/staged \
          /run/haops/owner /etc/systemd/system/haops-revert.service /run/haops/handover.* /run/haops-handover.*.why; do
          [ ! -e "$p" ] || echo "pending $p"
        done
        for s in /run/haops/step.*; do [ "$(readlink "/proc/${s##*.}/fd/8")" != "$s" ] || echo "step $s"; done
        systemctl list-units --plain --no-legend --all 'haops-revert-*' 'haops-handover-*' | awk '{ print "pending", $1 }'
        if read -r _ due unit _ 2>/dev/null </var/lib/haops/armed/when; then
          echo "due $((due - $(cut -d . -f 1 /proc/uptime)))"
          ! systemctl --quiet is-active "$unit.timer" "$unit.service" || echo timer
        fi
        echo end
        """
}
