import HaopsTestSupport
import Remote

extension ManagedPair {
    /// Runs a verb until it says `line` on standard error, then does `what` to it: a shell command that may use `$pid`.
    ///
    /// - `environment`: assignments, `USER=corp:alice`.
    func run(
        _ verb: String, _ arguments: [String] = ["--yes"], environment: [String] = [], until line: String,
        then what: String, limit: Duration = .seconds(150)
    ) async throws -> CommandOutput {
        let progress = try lab.scratch("interrupted.err", "")
        return try await lab.run(
            [
                "bash", "-c",
                """
                "$@" >/dev/null 2>'\(progress)' & pid=$!
                until grep -q '\(line)' '\(progress)' || ! kill -0 $pid 2>/dev/null; do sleep 0.01; done
                kill -0 $pid && { \(what); }
                wait $pid; status=$?
                cat '\(progress)'
                exit $status
                """, "bash", "env",
            ] + environment + [LabFixture.haops] + commandLine(verb, arguments), limit: limit)
    }

    /// Lets a timer of haops on a node happen now, and waits until what it does is done.
    func expire(_ timer: String, on node: String) async throws {
        _ = try await lab.console(
            node,
            """
            u=$(systemctl list-units --plain --no-legend '\(timer)*.timer' | sort | tail -n 1)
            s=${u%%.timer*}.service
            systemctl start "$s"
            while systemctl --quiet is-active "$s"; do sleep 0.1; done
            """)
    }

    /// What haops has left on a node that waits for something.
    func pending(on node: String) async throws -> String {
        try await lab.console(
            node,
            """
            cd /var/lib/haops && ls -d armed claimed.* unfinished 2>/dev/null
            ls /run/haops/owner /etc/systemd/system/haops-revert.service 2>/dev/null
            true
            """
        ).text
    }
}
