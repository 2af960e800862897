import Addresses
import Facts
import Keepalived
import Remote

/// A `notify` script stops the haproxy that a check of the same node counts.
///
/// Condition: what a BACKUP runs at its transition (`notify_backup`, `notify_fault`, `notify`) stops haproxy, haproxy
/// does not run there, and a check about haproxy fails there. An error while haproxy is down on the owner too, or while
/// the BACKUP is in FAULT; else a warning where the numbers show that a failure on the owner would move nothing.
/// Why: the BACKUP is always lowered as well, so that a failure on the owner lowers it to no less than the BACKUP: the
/// addresses stay on a node without haproxy.
/// Remedy: let haproxy run on all nodes and take it out of `notify`; or do not let a check count it.
struct NotifyStopsProxy: Cause {
    static let id = DoctorID.notifyStopsProxy

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router in
            let contradictions = router.members.compactMap { member in contradiction(on: member, observation)
            }
            guard let first = contradictions.first else { return nil }
            return diagnose(first, router, observation)
        }
    }

    private typealias Contradiction = (check: TrackedCheck, notify: Instance.Notify, command: ServiceCommand)

    /// The notify line of a node that is not MASTER and the check that it makes fail.
    private func contradiction(on member: VirtualRouter.Member, _ observation: ClusterObservation)
        -> Contradiction?
    {
        guard !member.isMaster, !observation.isProxyRunning(on: member.node),
            let (notify, command) = member.notifyStoppingProxy,
            let check = member.checks.first(where: { $0.isAboutHAProxy && $0.isFailing == true })
        else { return nil }
        return (check, notify, command)
    }

    private func diagnose(
        _ found: Contradiction, _ router: VirtualRouter, _ observation: ClusterObservation
    ) -> Diagnosis? {
        let backup = found.check.member
        let owner = router.masters.first
        let isDown = owner.map { observation.unexplained.contains(.proxyDown(node: $0.name)) } ?? false
        let isFault = backup.after?.role == .fault
        let left = owner.flatMap { priority(of: $0, failing: found.check.name) }
        let rival = backup.after?.effectivePriority
        let stays = left.flatMap { left in rival.map { left >= $0 } } ?? false
        guard isDown || isFault || stays else { return nil }
        let vips = observation.after.filter {
            $0.trueOwner == owner?.node.id && router.addresses.contains($0.vip)
        }
        .map(\.vip)
        var explains = observation.symptoms(of: [found.check], in: router)
        explains.insert(.proxyDown(node: backup.name))
        if isDown, let owner {
            explains.insert(.proxyDown(node: owner.name))
            explains.formUnion(vips.map { .dark($0) })
        }
        let numbers = left.flatMap { left in
            rival.map { "\(owner?.name ?? "the owner") is left with \(left), \(backup.name) has \($0)" }
        }
        let down = owner.map { isDown ? "haproxy does not run on \($0.name), and " : "" } ?? ""
        return Diagnosis(
            Self.id, severity: isDown || isFault ? .error : .warning,
            nodes: [owner?.name, backup.name].compactMap(\.self).uniqued(),
            "`\(found.notify.event)` on \(backup.name) stops haproxy, and the check `\(found.check.name)` counts it there",
            effect: isFault
                ? "\(backup.name) is in FAULT whenever it is not MASTER, and takes over nothing"
                : "\(down)\(isDown ? "the addresses stay there" : "if haproxy fails on the owner, the addresses stay there")"
                    + (numbers.map { ": with the check failing \($0)" } ?? ""),
            fix: (owner.map { isDown ? "systemctl start haproxy on \($0.name); " : "" } ?? "")
                + "let haproxy run on every node and take it out of `\(found.notify.event)`, or do not track `\(found.check.name)`; then reload keepalived",
            evidence: [
                backup.node.evidence(of: found.command, in: found.notify.command),
                backup.evidence(at: found.notify.command.location), backup.node.serviceWords("haproxy"),
                owner?.node.serviceWords("haproxy"),
            ] + found.check.evidence + vips.flatMap { observation.probeResult(on: $0) },
            explains: explains, file: found.notify.command.location.file,
            line: found.notify.command.location.line)
    }

    private func priority(of owner: VirtualRouter.Member, failing check: String) -> Int? {
        guard let instance = owner.instance, let configuration = owner.node.configuration else { return nil }
        return PriorityArithmetic(of: instance, in: configuration).outcome(failing: [check]).priority
    }
}

extension VirtualRouter.Member {
    /// What the node runs when it becomes BACKUP or FAULT and that stops haproxy.
    fileprivate var notifyStoppingProxy: ProxyHooks.Hook? {
        instance.flatMap { ProxyHooks(of: $0, in: node.configuration, text: node.text).stopping }
    }
}
