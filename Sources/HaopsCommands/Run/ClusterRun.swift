import Addresses
import Inventory
import Remote
import Rollout

/// Work on several clusters, done in waves: it performs what a ``ClusterSchedule`` decides.
struct ClusterRun: Sendable {
    /// The work on one cluster.
    struct Piece: Sendable {
        enum Ending: Sendable {
            /// The outcome is not known yet.
            case open
            /// The outcome is known before anything is done: there is nothing to do, or a gate refuses the work.
            /// A refusal counts as a failure before any cluster is begun.
            case settled
            /// As `settled`, but the work on other clusters does not depend on it.
            case aside
        }

        var cluster: Cluster
        var ending = Ending.open
        /// Does the work. When there are several clusters, progress is labelled with the cluster's name.
        var run: @Sendable (ClusterWork, Interrupt) async -> RolloutReport
    }

    var pieces: [Piece]
    var waves: Waves
    var work: ClusterWork

    /// How the clusters ended, in the order of the pieces, and why some were not begun.
    struct Outcome: Sendable {
        var reports: [RolloutReport]
        var stop: ClusterSchedule.Stop?
    }

    /// Does the work on all clusters. Once `interrupt` is requested no other cluster is begun; running work
    /// checks for it between its steps.
    func perform(_ interrupt: Interrupt) async -> Outcome {
        var schedule = ClusterSchedule(pieces.map { .init($0.cluster) }, waves: waves)
        var reports: [RolloutReport?] = Array(repeating: nil, count: pieces.count)
        for (index, piece) in pieces.enumerated() where piece.ending != .open {
            let report = await piece.run(work, interrupt)
            reports[index] = report
            schedule.ended(index, failed: piece.ending == .settled && report.hasFailed)
        }
        let total = pieces.count { $0.ending == .open }
        await withTaskGroup(of: (Int, RolloutReport).self) { group in
            var count = 0
            while true {
                if interrupt.isRequested { schedule.interrupt() }
                for index in schedule.next() {
                    group.addTask { (index, await run(pieces[index], interrupt)) }
                }
                guard let (index, report) = await group.next() else { return }
                reports[index] = report
                schedule.ended(index, failed: report.hasFailed)
                count += 1
                if total > 1 { tell(pieces[index].cluster, report, "\(count) of \(total) clusters") }
            }
        }
        return Outcome(
            reports: reports.map { $0 ?? RolloutReport(outcome: .notBegun) },
            stop: schedule.notBegun.isEmpty ? nil : schedule.stop)
    }

    private func run(_ piece: Piece, _ interrupt: Interrupt) async -> RolloutReport {
        var work = work
        if pieces.count > 1 { work.console = work.console.labelled(piece.cluster.name) }
        return await piece.run(work, interrupt)
    }

    private func tell(_ cluster: Cluster, _ report: RolloutReport, _ count: String) {
        let style = work.console.err
        work.console.labelled(cluster.name).note(
            style(report.outcome.tone, report.outcome.word) + style(.faint, " (\(count))"))
    }
}

extension RolloutReport {
    /// Whether it counts against `--max-failures`.
    fileprivate var hasFailed: Bool { outcome.exit != .done }
}

extension ClusterSchedule.Entry {
    /// The names and addresses of nodes and observers. Addresses are included because two names may be one
    /// machine.
    init(_ cluster: Cluster) {
        let targets = cluster.nodes.map(\.target) + cluster.observers.map(\.target)
        let places = targets.map { target in
            let host = IPAddress(target.host)?.description ?? target.host.lowercased()
            return "at \(host) port \(target.port ?? 22)"
        }
        self.init(name: cluster.name, machines: Set(targets.map(\.id.name) + places))
    }
}

extension Console {
    /// The same streams with the cluster's name before each line of standard error, because several clusters
    /// report at once.
    func labelled(_ cluster: String) -> Console {
        var console = self
        let label = err(.strong, cluster.safeOnOneLine) + " "
        console.sink = { [sink] text, descriptor in
            guard descriptor == 2 else { return sink(text, descriptor) }
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
            let labelled = lines.enumerated().map { index, line in
                index == lines.count - 1 && line.isEmpty ? "" : label + line
            }
            sink(labelled.joined(separator: "\n"), descriptor)
        }
        return console
    }
}
