import Inventory
import Remote
import Rollout

/// The summary of a run: how much it changes, the longest outage, and how long it takes.
struct PlanSummary: Sendable {
    private let plans: [ClusterPlan]
    private let waves: Waves

    init(_ plans: [ClusterPlan], waves: Waves) {
        self.plans = plans
        self.waves = waves
    }

    private var changed: [ClusterPlan] { plans.filter { !$0.isEmpty } }
    private var changedNodes: [NodePlan] { plans.flatMap(\.nodes).filter { !$0.isEmpty } }
    private var nodeCount: Int { plans.reduce(0) { $0 + $1.cluster.nodes.count } }
    private var silent: [HostID] { plans.flatMap { $0.unreachable.keys }.sorted() }

    /// Clusters whose plan is refused.
    private var blocked: [String] { plans.filter { !$0.obstacles.isEmpty }.map(\.cluster.name) }

    /// Files, kernel settings, firewall rules, packages and services at boot.
    private var changeCount: Int {
        changedNodes.reduce(0) { count, node in
            count + node.files.count + node.sysctls.count + node.firewall.descriptions.count
                + node.packages.count + node.enable.count + node.disable.count
        }
    }

    /// How many nodes do `action` to a daemon.
    private func count(_ action: DaemonAction) -> Int {
        changedNodes.reduce(0) { $0 + ($1.keepalived == action ? 1 : 0) + ($1.haproxy == action ? 1 : 0) }
    }

    // MARK: Outage

    /// The move with the longest outage of an address.
    private enum Outage {
        case none
        case lasts(milliseconds: Int, PredictedMove, Cluster)
        /// The outage lasts as long as the work on the node, which is not predictable.
        case open(PredictedMove, Cluster)
        case forGood(PredictedMove, Cluster)

        var rank: (Int, Int) {
            switch self {
            case .none: (0, 0)
            case .lasts(let milliseconds, _, _): (1, milliseconds)
            case .open: (2, 0)
            case .forGood: (3, 0)
            }
        }
    }

    private var longestOutage: Outage {
        let all = plans.flatMap { plan in
            (plan.moves + plan.returns).map { move -> Outage in
                // The address had no owner before, so there is no outage.
                if move.means == .election, move.from == move.to { return .none }
                if move.means == .end { return .forGood(move, plan.cluster) }
                guard let milliseconds = move.outageMilliseconds else { return .open(move, plan.cluster) }
                return milliseconds == 0
                    ? .none : .lasts(milliseconds: milliseconds, move, plan.cluster)
            }
        }
        return all.reduce(.none) { $0.rank < $1.rank ? $1 : $0 }
    }

    // MARK: Duration

    private var estimates: [WorkEstimate] { plans.map(WorkEstimate.init) }

    private var duration: Duration {
        ClusterSchedule(plans.map { .init($0.cluster) }, waves: waves).duration(of: estimates.map(\.duration))
    }

    /// The names of machines that belong to more than one changed cluster.
    private var shared: [String] {
        var counts: [String: Int] = [:]
        for cluster in changed.map(\.cluster) {
            for name in Set((cluster.nodes.map(\.id) + cluster.observers.map(\.id)).map(\.name)) {
                counts[name, default: 0] += 1
            }
        }
        return counts.filter { $0.value > 1 }.keys.sorted { $0.isOrderedNaturally(before: $1) }
    }

    // MARK: For people

    /// The summary; empty for a single cluster with nothing to do, because the plan says so already.
    func text(_ style: Style) -> String {
        let clusters = plans.count.of("cluster")
        guard !changed.isEmpty else {
            guard plans.count > 1, silent.isEmpty else { return "" }
            return "\n" + style(.strong, "\(clusters), \(nodeCount.of("node"))") + ": nothing to do\n"
        }
        let scope =
            changed.count == plans.count
            ? "\(clusters), \(nodeCount.of("node"))" : "\(changed.count) of \(clusters)"
        let parts = [
            (changeCount, "change"), (count(.restart), "restart"), (count(.reload), "reload"),
            (count(.start), "start"), (count(.stop), "stop"),
        ].compactMap { count, word in count == 0 ? nil : count.of(word) }
        // Without parts the run changes nothing, but finishes an earlier run that was interrupted.
        let words =
            parts.isEmpty
            ? "a run that did not end is finished"
            : parts.joined(separator: ", ") + " on \(changedNodes.count.of("node"))"
        var text = "\n"
        text += Wrapped(words, indent: 2, width: style.width).text(after: style(.strong, scope) + ": ")
        guard silent.isEmpty else { return text }
        if plans.count > 1, !blocked.isEmpty {
            let isStopped = blocked.count > waves.maxFailures
            let end = isStopped ? "so that no cluster is begun" : "the others are changed"
            text += Wrapped(
                "\(blocked.count.of("cluster")) (\(NodeRange.listed(blocked))), \(end) (--max-failures \(waves.maxFailures))",
                indent: 2, width: style.width
            ).text(after: style(.bad, "something is in the way of") + " ")
        }
        text += Wrapped(outageSentence, indent: 2, width: style.width).text(after: "")
        text += Wrapped(durationSentence, indent: 2, width: style.width).text(after: "")
        return text
    }

    private var outageSentence: String {
        func of(_ move: PredictedMove, _ cluster: Cluster) -> String {
            let instance = move.instance.safeOnOneLine
            return plans.count > 1 ? "\(instance) in \(cluster.name)" : instance
        }
        return switch longestOutage {
        case .none: "no outage is expected"
        case .lasts(let milliseconds, let move, let cluster):
            "longest predicted outage: \(Duration.milliseconds(milliseconds).brief) (\(of(move, cluster)))"
        case .open(let move, let cluster):
            "longest predicted outage: as long as the work takes (\(of(move, cluster)))"
        case .forGood(let move, let cluster): "\(of(move, cluster)) goes dark for good"
        }
    }

    private var durationSentence: String {
        var sentence = "takes about \(duration.inWords)"
        if changed.count > 1 {
            let canary = waves.canary.map { "\($0) first, then " } ?? ""
            sentence +=
                waves.atOnce > 1
                ? ", \(canary)up to \(waves.atOnce) clusters at once"
                : ", \(canary)one cluster after the other"
            if waves.atOnce > 1, !shared.isEmpty {
                sentence +=
                    "; clusters that share a machine (\(NodeRange.listed(shared))) are never changed at once"
            }
        }
        if estimates.contains(where: \.hasInstalls) {
            sentence += ", and as long as the packages take to install"
        }
        return sentence + "; by keepalived's timers and the checks that each gate waits for"
    }

    // MARK: For machines

    var document: PlanDocument.Summary {
        var outage: Int? = 0
        switch longestOutage {
        case .none: break
        case .lasts(let milliseconds, _, _): outage = milliseconds
        case .open, .forGood: outage = nil
        }
        if !silent.isEmpty { outage = nil }
        return PlanDocument.Summary(
            clusters: plans.count, changedClusters: changed.count, nodes: nodeCount,
            changedNodes: changedNodes.count, changes: changeCount, restarts: count(.restart),
            reloads: count(.reload), starts: count(.start), stops: count(.stop), longestOutageMs: outage,
            blocked: blocked, clustersAtOnce: waves.atOnce,
            expectedDurationMs: silent.isEmpty ? duration.milliseconds : nil,
            durationBasis: WorkEstimate.basis)
    }
}

extension Duration {
    /// "40 s", "12 min", "2 h 5 min".
    var inWords: String {
        let seconds = Int(components.seconds)
        if seconds < 90 { return "\(max(1, seconds)) s" }
        let minutes = (seconds + 30) / 60
        if minutes < 60 { return "\(minutes) min" }
        return "\(minutes / 60) h" + (minutes % 60 == 0 ? "" : " \(minutes % 60) min")
    }
}
