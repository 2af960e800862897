import Addresses
import Inventory
import Remote
import Rendering
import Rollout

extension ClusterWork {
    /// Shows plans, asks, carries them out in waves, and reports.
    func conduct(
        _ plans: [ClusterPlan], command: String, consent: ConsentFlags, waves: Waves, output: OutputOptions,
        acceptsProblems: Bool = false, hidesDiffs: Bool = false
    ) async throws -> HaopsExit {
        let shown = PlanReport(
            plans: plans, isDetailed: output.verbose, hidesDiffs: hidesDiffs, waves: waves)
        console.show(consent, output) { shown.report(command: command, style: $0) }
        let silent = plans.count { !$0.unreachable.isEmpty }
        // The plans name the nodes that did not answer.
        if silent > 0, consent.dryRun { return .unreachable }
        if silent > waves.maxFailures {
            return notBegun(
                plans.map { ($0.cluster, $0.unreachable) }, command: command, consent, output,
                stop: .failures)
        }
        if consent.dryRun { return .done }
        // Plans that are refused count as failures before the operator is asked.
        let pending = plans.filter { !$0.isEmpty && !$0.isBlocked }
        if !pending.isEmpty, plans.count(where: \.isBlocked) <= waves.maxFailures {
            let names = NodeRange.listed(pending.map(\.cluster.name))
            let target = pending.count > 1 ? "\(pending.count) clusters (\(names))" : names
            try await consent.ask(
                "\(Self.losses(of: pending)). \(command.capitalizedFirst) this on \(target)?")
        }
        var work = self
        work.console = console.hiding(SecretMask(secretsOf: plans))
        work.console.steps = StepNumbers(plans)
        let exit = try await work.carryOut(
            plans.map { plan in
                ClusterRun.Piece(
                    cluster: plan.cluster, ending: plan.isEmpty || plan.isBlocked ? .settled : .open
                ) { work, interrupt in
                    await work.rollout.carryOut(
                        plan, interrupt: interrupt, acceptsProblems: acceptsProblems)
                }
            }, command: command, waves: waves, output: output)
        if exit == .refused, !acceptsProblems, plans.contains(where: { !$0.problems.isEmpty }) {
            console.note(
                console.err(.strong, "hint:")
                    + " haops doctor names the cause of existing problems, haops fix removes it where that is safe; if this change is itself the remedy, apply and restart take --accept-problems"
            )
        }
        return exit
    }

    /// Who loses which addresses for how long, in one sentence: "VI_1 (203.0.113.50) leaves lb1: about 0.6 s without
    /// service".
    static func losses(of plans: [ClusterPlan]) -> String {
        var losses: [(milliseconds: Int, words: String)] = []
        for plan in plans {
            for move in plan.moves + plan.returns where !(move.means == .election && move.from == move.to) {
                let silence: String
                switch move.outageMilliseconds {
                case 0?: continue
                case let lasts?: silence = "about \(Duration.milliseconds(lasts).brief) without service"
                case nil where move.means == .end: silence = "dark for good"
                case nil: silence = "without service for as long as the work takes"
                }
                let vips = plan.cluster.virtualAddresses.filter { $0.instance.name == move.instance }
                    .map { "\($0.vip.cidr.address)" }
                let place = plans.count > 1 ? "\(plan.cluster.name): " : ""
                losses.append(
                    (
                        move.outageMilliseconds ?? .max,
                        "\(place)\(move.instance) (\(vips.joined(separator: ", "))) leaves \(move.from): \(silence)"
                    ))
            }
        }
        guard !losses.isEmpty else { return "No address loses its service" }
        losses.sort { $0.milliseconds > $1.milliseconds }
        let shown = losses.prefix(3).map(\.words).joined(separator: "; ")
        return shown + (losses.count > 3 ? "; and \(losses.count - 3) more" : "")
    }

    /// Does the work on all clusters in waves and reports. Ctrl-C is handled between steps.
    func carryOut(
        _ pieces: [ClusterRun.Piece], command: String, waves: Waves, output: OutputOptions
    ) async throws -> HaopsExit {
        let run = ClusterRun(pieces: pieces, waves: waves, work: self)
        let outcome = try await Interrupts.gracefully { interrupt in
            // An interrupt before this point has cancelled the question and not requested a graceful stop.
            try Task.checkCancellation()
            return await run.perform(interrupt)
        }
        let report = RunReport(
            command: command,
            reports: zip(pieces, outcome.reports).map { ($0.cluster.name, $1) },
            clusters: pieces.map(\.cluster), stop: outcome.stop, isDetailed: output.verbose)
        report.report(style: console.out).print(output.output, on: console)
        return report.exit
    }

    /// The reports, by cluster, of a run that does nothing because some nodes did not answer.
    ///
    /// - `stop`: why the other clusters were not begun, where the operator can allow it.
    func notBegun(
        _ silent: [(cluster: Cluster, nodes: [HostID: RemoteError])], command: String,
        _ consent: ConsentFlags, _ output: OutputOptions, stop: ClusterSchedule.Stop? = nil
    ) -> HaopsExit {
        let errors = silent.map { $0.nodes.values.sorted { $0.host < $1.host } }
        if consent.dryRun {
            console.report(Array(errors.joined()))
        } else {
            let reports = zip(silent, errors).map { cluster, errors in
                (
                    cluster.cluster.name,
                    RolloutReport(outcome: errors.isEmpty ? .notBegun : .unreachable(errors))
                )
            }
            RunReport(
                command: command, reports: reports, clusters: silent.map(\.cluster), stop: stop,
                isDetailed: output.verbose
            ).report(style: console.out).print(output.output, on: console)
        }
        return .unreachable
    }
}

extension ClusterPlan {
    /// Whether the plan is refused even when the operator agrees.
    fileprivate var isBlocked: Bool { !obstacles.isEmpty || !unreachable.isEmpty }
}

extension Console {
    /// Shows what would be done, before anybody agrees to it.
    ///
    /// A program reads one document from standard output. The plan is that document only when it is the answer
    /// (`plan`, `--dry-run`). Otherwise it goes to standard error, for the operator who must agree and for logs.
    func show(_ consent: ConsentFlags, _ output: OutputOptions, _ report: (Style) -> Report) {
        if consent.dryRun || output.output.isForPeople {
            report(out).print(output.output, on: self)
        } else {
            let text = report(err).text
            stderrLine(text.hasSuffix("\n") ? String(text.dropLast()) : text)
        }
    }
}

extension String {
    fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
