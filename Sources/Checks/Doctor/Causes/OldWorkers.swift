import Facts
import Remote

/// A process of haproxy that a reload has replaced still serves connections.
///
/// Condition: half a minute after the reload it still runs.
/// Why: its clients get the old configuration, its checks go on, and with each reload one more is left: their memory adds up.
/// Remedy: wait for the connections to end, or end the process; `hard-stop-after` bounds how long it may take.
struct OldWorkers: ProxyWarningCause {
    static let id = DoctorID.haproxyOldWorker
    /// Most connections end sooner: then it is a reload like any other.
    private static let patience = 30

    func warnings(of health: HAProxyHealth, since earlier: HAProxyHealth?) -> [ProxyWarning] {
        health.oldWorkers.filter { $0.drainingSeconds >= Self.patience }.map { worker in
            let count = worker.connections.map { ", with \($0) connection\($0 == 1 ? "" : "s")" } ?? ""
            let since = Duration.seconds(worker.drainingSeconds).roughly
            return ProxyWarning(
                id: Self.id,
                words: "an old worker of haproxy still drains, \(since) after the reload\(count)",
                effect: "its clients get the old configuration until they leave",
                fix:
                    "wait, or end it: kill \(worker.pid); `hard-stop-after` in `global` bounds how long it takes",
                evidence: ["process \(worker.pid) was replaced by a reload \(since) ago\(count)"])
        }
    }
}
