import Addresses
import Checks
import Inventory
import Keepalived
import Remote
import Rollout

/// The plans of drills, each with its preconditions.
struct DrillPlansReport: Sendable {
    var plans: [DrillPlan]

    func report(style: Style) -> Report {
        let reports = plans.map { DrillPlanReport(plan: $0).report(style: style) }
        if reports.count == 1 { return reports[0] }
        return Report(
            command: "drill", DrillPlansDocument(plans: plans.map(DrillPlanDocument.init)),
            text: reports.map(\.text).joined())
    }
}

/// A drill's preconditions, line by line, what is foretold, and what will be done.
struct DrillPlanReport: Sendable {
    var plan: DrillPlan

    func report(style: Style) -> Report {
        Report(command: "drill", DrillPlanDocument(plan), text: text(style))
    }

    private func text(_ style: Style) -> String {
        var text = style(.strong, "cluster \(plan.cluster.name)") + ": drill \(plan.title)\n"
        for condition in plan.preconditions {
            let mark = condition.holds ? style(.good, "ok ") : style(.bad, "no ")
            text += Wrapped(
                "\(condition.what): \(condition.evidence)".safeOnOneLine, indent: 6, width: style.width
            ).text(after: "  \(mark) ")
        }
        for outage in plan.outages {
            text += Wrapped(outage.safeOnOneLine, indent: 6, width: style.width)
                .text(after: "  " + style(.bad, plan.isRefused ? "no " : "!  ") + " ")
        }
        if plan.isRefused {
            if !plan.outages.isEmpty, plan.preconditions.allSatisfy(\.holds) {
                text += "  \(style(.strong, "hint:")) --accept-outage insists\n"
            }
            return text
                + "  \(style(.bad, plan.unreachable.isEmpty ? "refused" : "unknown")): nothing was broken\n"
        }
        for instance in plan.instances {
            text += Wrapped(
                "foretold for \(instance.name): \(instance.row?.foretold ?? "nothing")".safeOnOneLine,
                indent: 4,
                width: style.width
            ).text(after: "  ")
        }
        let steps =
            "\(plan.nodeNames): schedule the end of the failure \(plan.nodes.count == 1 ? "on the node" : "on each node"); \(plan.failure.action); measure; \(plan.failure.end); verify that all is as before"
        return text + Wrapped(steps.safeOnOneLine, indent: 4, width: style.width).text(after: "  ")
    }
}

extension DrillPlan {
    var title: String {
        "\(failure.rawValue) on \(nodeNames)" + (subject.map { " (\($0))" } ?? "")
    }
}

extension ReadinessRow {
    /// "lb2 owns it; silence 0.6 s".
    fileprivate var foretold: String {
        let who = (owners + leftovers).enumeration
        let silence =
            silence.map { "silence: \($0.words)" }
            ?? (verdict == .twoOwners ? "two answer" : "silent until mended")
        switch verdict {
        case .notProvable: return "not provable"
        case .nobody: return "nobody has the addresses; \(silence)"
        default: return "\(who); \(silence)"
        }
    }
}

/// What a drill has measured, beside what was foretold, and whether all is as before.
struct DrillReport: Sendable {
    var cluster: String
    var plan: DrillPlan
    var run: RolloutReport
    var maxOutage: Duration?
    /// Of several drills: without the figures, which a summary has.
    var isBrief = false

    /// What differs from what was foretold, or lasted too long.
    private var findings: [String] {
        guard let result = run.drill else { return [] }
        var findings = result.findings
        if let maxOutage, result.worstSilence > maxOutage.microseconds {
            findings.append(
                "the longest silence was \(result.worstSilence.seconds), and --max-outage allows \(maxOutage.microseconds.seconds)"
            )
        }
        return findings
    }

    var exit: HaopsExit {
        let exit = run.outcome.exit
        return exit == .done && !findings.isEmpty ? .badState : exit
    }

    func report(style: Style) -> Report {
        Report(command: "drill", document, text: text(style))
    }

    var document: DrillDocument {
        let result = run.drill
        let begins = result?.begins ?? 0
        let measurements: [DrillDocument.Measurement] = (result?.measurements ?? []).map {
            DrillDocument.Measurement($0, since: begins)
        }
        let judged = measurements.filter { ($0.probe == "icmp") != plan.failure.failsService }
        let failover = judged.map(\.failover).max { $0.silenceMs < $1.silenceMs }
        let reversion = judged.map(\.reversion).max { $0.silenceMs < $1.silenceMs }
        let worst = plan.failure.isOfReturn ? reversion : failover
        let instances: [DrillDocument.Instance] = (result?.comparisons ?? []).map {
            DrillDocument.Instance($0)
        }
        let isKnown = if case .unknown = run.outcome { false } else { true }
        return DrillDocument(
            case: plan.failure.rawValue, cluster: cluster, node: plan.nodes[0].name,
            nodes: plan.nodes.map(\.name), subject: plan.subject,
            outcome: run.outcome.keyword.replacing(" ", with: "_"), reasons: run.outcome.reasons,
            sent: worst?.sent ?? 0, lost: worst?.lost ?? 0, outageMs: worst?.silenceMs ?? 0,
            predictedMs: plan.failure.isOfReturn ? 0 : instances.compactMap(\.foretoldMs?.longest).max(),
            failoverTimeMs: failover?.silenceMs, reversionTimeMs: reversion?.silenceMs,
            restored: isKnown ? result?.isRestored : nil, left: result?.left ?? [], findings: findings,
            measurements: measurements, phases: phases,
            cuts: (result?.cuts ?? []).map { DrillDocument.Cut($0) },
            instances: instances, neighbours: neighbours, announcements: announcements,
            notMeasuring: result?.notMeasuring ?? [])
    }

    private var phases: [DrillDocument.Phase] {
        func entries(_ instance: String, _ part: String, _ phases: [DrillPhase]) -> [DrillDocument.Phase] {
            phases.map { phase in
                DrillDocument.Phase(
                    instance: instance, part: part, phase: phase.name.rawValue, atMs: (phase.at + 500) / 1000,
                    host: phase.host.name, what: phase.what)
            }
        }
        return (run.drill?.phases ?? []).flatMap { one in
            entries(one.instance, "failover", one.failover)
                + entries(one.instance, "reversion", one.reversion)
        }
    }

    /// Times are since the failure.
    private var neighbours: [DrillDocument.Neighbour] {
        guard let result = run.drill, let begins = result.begins else { return [] }
        return result.neighbours.map { change in
            DrillDocument.Neighbour(
                vip: "\(change.address)", observer: change.observer.name, mac: "\(change.mac)",
                node: change.node?.name, sinceMs: change.time.map { ($0 - begins) / 1000 })
        }
    }

    private var announcements: [DrillDocument.Announcements]? {
        guard let result = run.drill, let begins = result.begins, let ends = result.ends else { return nil }
        return result.announcements.map { parts in
            [("failover", parts.failover, begins), ("reversion", parts.reversion, ends)].flatMap {
                part, announcements, start in
                announcements.map { one in
                    DrillDocument.Announcements(
                        vip: "\(one.address)", part: part, listener: one.listener.name, mac: "\(one.mac)",
                        node: one.node?.name, count: one.count, firstAtMs: (one.first - start) / 1000,
                        lastAtMs: (one.last - start) / 1000)
                }
            }
        }
    }

    // MARK: For people

    private func text(_ style: Style) -> String {
        func lines(_ head: String, _ words: String) -> String {
            Wrapped(words.safeOnOneLine, indent: 4, width: style.width).text(after: head)
        }
        var text =
            "cluster \(cluster): drill \(plan.title): " + style(run.outcome.tone, run.outcome.word) + "\n"
        for reason in run.outcome.reasons.uniqued() {
            for line in reason.split(separator: "\n") { text += lines("  ", String(line)) }
        }
        guard let result = run.drill else { return text }
        if !result.measurements.isEmpty, !isBrief {
            text += Table(
                columns: ["address", "from", "sent", "lost", "silence", "foretold", "back", "silence"],
                rows: result.measurements.map { row($0, result) }
            ).text(style, indent: 2)
        }
        if !isBrief, let times = times(result) { text += lines("  ", times) }
        for one in isBrief ? [] : result.phases {
            text += timeline(
                "\(one.instance): \(plan.failure.action) on \(plan.nodeNames)", one.failover, style)
            text += timeline("\(one.instance): \(plan.failure.end)", one.reversion, style)
        }
        for cut in isBrief ? [] : result.cuts {
            let when = cut.isReversion ? "the end of the failure" : "the failure"
            text += lines(
                "  ",
                "a connection that \(cut.observer) held to \(cut.target.address) (\(cut.target.kind)) was cut; noticed \((cut.noticed + 500) / 1000) ms after \(when)"
            )
        }
        if !isBrief { for line in announcementLines(result) { text += lines("  ", line) } }
        for one in isBrief ? [] : result.comparisons {
            let holders = one.holders.map { $0.isEmpty ? "nobody" : $0.enumeration }
            let words = holders.map { "\($0) had the addresses" } ?? "who had the addresses is not known"
            text += lines("  ", "\(one.instance): \(words) while it lasted")
            if let returned = one.returned {
                let foretold =
                    if case .goesBack(_, let after)? = one.row?.afterwards { after.words } else { "not" }
                text += lines(
                    "  ", "\(one.instance): back \(returned.seconds) after its end; foretold: \(foretold)")
            }
        }
        for why in isBrief ? [] : result.notMeasuring { text += lines("  " + style(.warning, "note: "), why) }
        for finding in findings { text += lines("  " + style(.warning, "finding: "), finding) }
        for what in result.left where !run.outcome.reasons.contains(what) {
            text += lines("  " + style(.bad, "left: "), what)
        }
        if result.isRestored {
            text += lines(
                "  " + style(.good, "as before: "),
                "owners, daemons, interfaces, addresses, routes and packet filters of every node; nothing of the drill is left"
            )
        }
        return text
    }

    /// Of those whose silence was foretold the one that was lost for the longest time, while the failure lasted or afterwards.
    func worst(
        _ measurements: [DrillResult.Measurement],
        _ part: (DrillResult.Measurement) -> Outage = { $0.failover }
    ) -> DrillResult.Measurement? {
        measurements.filter { $0.probe.isOfService == plan.failure.failsService }
            .max { $0.claimed(part($0)) < $1.claimed(part($1)) }
    }

    /// In the terms of RFC 6414: failover time and reversion time, each by its time-based method and by its packet-loss-based one.
    private func times(_ result: DrillResult) -> String? {
        func words(_ one: DrillResult.Measurement, _ outage: Outage) -> String {
            guard one.claimed(outage) > 0 else { return "<\(one.resolution.milliseconds)" }
            return "\(one.claimed(outage).seconds) (\(one.packetLoss(outage).seconds) by lost packets)"
        }
        guard let there = worst(result.measurements), let back = worst(result.measurements, \.reversion)
        else { return nil }
        return
            "failover time: \(words(there, there.failover)); reversion time: \(words(back, back.reversion))"
    }

    /// How often each address was announced, as the observers heard it, or the nodes where no observer could.
    private func announcementLines(_ result: DrillResult) -> [String] {
        guard let begins = result.begins, let ends = result.ends else { return [] }
        guard let (failover, reversion) = result.announcements else {
            return [
                "announcements of the addresses are not counted: there is no tcpdump on any observer or node"
            ]
        }
        let nodes = Set(plan.cluster.nodes.map(\.id))
        let isObserved = (failover + reversion).contains { !nodes.contains($0.listener) }
        func lines(_ announcements: [Announcements], _ start: Int, _ what: String) -> [String] {
            let counted = announcements.filter { nodes.contains($0.listener) != isObserved }
            func kind(_ one: Announcements) -> String {
                let name = one.address.isIPv6 ? "neighbour advertisement" : "gratuitous ARP"
                return "\(one.listener) heard \(one.count.of(name)) from \(one.sender) for "
            }
            return counted.map(kind).uniqued().map { head in
                let alike = counted.filter { kind($0) == head }
                let first = alike.map(\.first).min() ?? start
                return head + (alike.count > 1 ? "each of " : "")
                    + alike.map(\.address.description).enumeration
                    + ", the first \((first - start) / 1000) ms after \(what)"
            }
        }
        return lines(failover, begins, "the failure") + lines(reversion, ends, "its end")
    }

    /// What happened when, from one moment on.
    private func timeline(_ title: String, _ phases: [DrillPhase], _ style: Style) -> String {
        guard !phases.isEmpty else { return "" }
        let rows = phases.map { phase in
            let time = "\((phase.at + 500) / 1000) ms"
            let margin = String(repeating: " ", count: max(0, 9 - time.count))
            return [
                Table.Cell(margin + time), Table.Cell(phase.name.rawValue, .strong), Table.Cell(phase.what),
            ]
        }
        let lines = Table(columns: ["", "", ""], rows: rows).text(style, indent: 2).split(separator: "\n")
        return Wrapped(title.safeOnOneLine, indent: 4, width: style.width).text(after: "  ")
            + lines.map { $0 + "\n" }.joined()
    }

    private func row(_ one: DrillResult.Measurement, _ result: DrillResult) -> [Table.Cell] {
        let foretold = result.comparisons.first { $0.instance == one.instance }?.row
        func silence(_ outage: Outage) -> Table.Cell {
            let claimed = one.claimed(outage)
            if claimed == 0 { return Table.Cell("<\(one.resolution.milliseconds)", .good) }
            let isOpen = outage.answeredAgain == nil
            return Table.Cell((isOpen ? "to the end, " : "") + claimed.seconds, .warning)
        }
        return [
            Table.Cell("\(one.address)", .strong), Table.Cell("\(one.observer) \(one.probe)"),
            Table.Cell("\(one.failover.sent)"), Table.Cell("\(one.failover.lost)"), silence(one.failover),
            Table.Cell(
                foretold?.silenceWords ?? "-"),
            Table.Cell("\(one.reversion.lost)"), silence(one.reversion),
        ]
    }
}

extension Int {
    /// Microseconds as seconds with three digits: "0.612 s".
    fileprivate var seconds: String {
        let milliseconds = (self + 500) / 1000
        let rest = String(milliseconds % 1000)
        return "\(milliseconds / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest) s"
    }

    /// Microseconds, rounded up: "12 ms".
    fileprivate var milliseconds: String { "\((self + 999) / 1000) ms" }
}
