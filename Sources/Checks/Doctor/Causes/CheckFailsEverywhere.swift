import Addresses
import Facts
import Keepalived
import Remote

/// A check fails on every node at once, although one of them serves.
///
/// Condition: keepalived counts the check as failing on every node of a virtual router, and a node is MASTER all the
/// same. Proven wrong where the check is about haproxy and haproxy runs on a node.
/// Why: all priorities are lowered alike, so that the check decides nothing: when haproxy really stops on the owner, the
/// addresses stay there.
/// Remedy: run the check by hand, and fix what it looks for; then see it succeed before trusting it.
struct CheckFailsEverywhere: Cause {
    static let id = DoctorID.checkFailsEverywhere

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.flatMap { router in
            router.checksByName.compactMap { diagnose($0, router, observation) }
        }
    }

    private func diagnose(
        _ checks: [TrackedCheck], _ router: VirtualRouter, _ observation: ClusterObservation
    )
        -> Diagnosis?
    {
        let speaking = router.members.filter { $0.after != nil }
        guard let first = checks.first, checks.count > 1, checks.count == speaking.count,
            !router.masters.isEmpty,
            checks.allSatisfy({ $0.isFailing == true && !$0.isFlapping })
        else { return nil }
        let serving = checks.filter { $0.isAboutHAProxy && observation.isProxyRunning(on: $0.node) }
        let owners = router.masters.filter { observation.unexplained.contains(.proxyDown(node: $0.name)) }
        let isAboutHAProxy = checks.contains(where: \.isAboutHAProxy)
        // Without haproxy anywhere, the check is right.
        guard !isAboutHAProxy || !serving.isEmpty else { return nil }
        let vips = observation.after.filter { ownership in
            owners.contains { $0.node.id == ownership.trueOwner } && router.addresses.contains(ownership.vip)
        }.map(\.vip)
        let running = serving.map(\.node.name)
        return Diagnosis(
            Self.id, severity: owners.isEmpty ? .warning : .error, nodes: checks.map(\.node.name),
            "the check `\(first.name)` fails on every node of \(router.title)"
                + (running.isEmpty ? "" : ", although haproxy runs on \(joined(running))"),
            effect: (owners.isEmpty
                ? "it decides nothing: a failure on the owner would move nothing"
                : "haproxy does not run on \(joined(owners.map(\.name))), and \(joined(vips.map(\.description))) stays there")
                + checks.effects(after: "; "),
            fix: (owners.isEmpty ? "" : "systemctl start haproxy on \(joined(owners.map(\.name))); ")
                + (running.isEmpty
                    ? "fix what `\(first.command.program)` tests, or the check itself"
                    : "run `\(first.command.text)` by hand on \(running[0]), and fix what it looks for"),
            evidence: checks.flatMap(\.evidence)
                + checks.map { $0.node.serviceWords("haproxy") }.compactMap(\.self),
            explains: Set(owners.map { .proxyDown(node: $0.name) } + vips.map { .dark($0) })
                .union(observation.symptoms(of: checks, in: router)),
            file: first.script.location.file, line: first.script.location.line)
    }
}
