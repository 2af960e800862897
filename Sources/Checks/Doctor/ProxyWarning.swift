package import Facts

/// Something that haproxy on one node runs out of, or has lost, while it serves.
package struct ProxyWarning: Hashable, Sendable {
    package var id: DoctorID
    /// A sentence that does not name the node.
    package var words: String
    var effect: String
    var fix: String
    var evidence: [String]
    /// Whether ``evidence`` are counters.
    var isCounted = false

    /// All that haproxy on a node says of itself.
    ///
    /// - `earlier`: what it said seconds before, where it was asked twice; else it may have looked twice itself.
    package static func all(in health: HAProxyHealth, since earlier: HAProxyHealth? = nil) -> [ProxyWarning] {
        causes.flatMap { cause in
            var warnings = cause.warnings(of: health, since: earlier)
            guard warnings.count > most else { return warnings }
            warnings[most - 1].words += "; and \(warnings.count - most) more of this kind"
            return Array(warnings.prefix(most))
        }
    }

    /// More warnings of one cause say no more than their number.
    private static let most = 10

    private static let causes: [any ProxyWarningCause] = [
        MaxconnReached(), QueueGrows(), RetriesRise(), PeersApart(), StickTableFull(), OldWorkers(),
    ]
}

/// A cause whose proof is what haproxy on one node says of itself, for doctor, `backends` and `status` alike.
protocol ProxyWarningCause: Cause {
    func warnings(of health: HAProxyHealth, since earlier: HAProxyHealth?) -> [ProxyWarning]
}

extension ProxyWarningCause {
    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.flatMap { node -> [Diagnosis] in
            guard let health = node.after?.known(HAProxyHealthFact.self) else { return [] }
            let earlier = observation.seconds > 0 ? node.before?.known(HAProxyHealthFact.self) : nil
            return warnings(of: health, since: earlier).map { warning in
                Diagnosis(
                    warning.id, severity: .warning, nodes: [node.name], warning.words, effect: warning.effect,
                    fix: warning.fix,
                    evidence: warning.evidence.map {
                        Evidence(warning.isCounted ? .counter : .daemon, on: node.name, $0)
                    })
            }
        }
    }
}

/// Two looks at the rows of one haproxy.
struct RowGrowth {
    var first: HAProxyHealth.Row
    var second: HAProxyHealth.Row

    /// How much a counter has grown; `nil` where it is not known, or was set to 0 in between.
    func of(_ counter: KeyPath<HAProxyHealth.Row, Int?>) -> Int? {
        guard let before = first[keyPath: counter], let after = second[keyPath: counter], after >= before
        else {
            return nil
        }
        return after - before
    }

    /// The rows of both looks; none after a restart, when counters begin anew.
    static func all(in health: HAProxyHealth, since earlier: HAProxyHealth?) -> [RowGrowth] {
        let isSame = earlier.map { $0.processes.map(\.pid) == health.processes.map(\.pid) } ?? true
        guard isSame else { return [] }
        let (before, after) = earlier.map { ($0.rows, health.rows) } ?? (health.rows, health.later)
        let known = Dictionary(before.map { ([$0.proxy, $0.server], $0) }) { first, _ in first }
        return after.compactMap { row in
            known[[row.proxy, row.server]].map { RowGrowth(first: $0, second: row) }
        }
    }
}
