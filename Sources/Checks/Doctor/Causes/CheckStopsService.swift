import Addresses
import Facts
import Keepalived
import Remote

/// A check stops or restarts the daemon that it should only test.
///
/// Condition: the text of a tracked check stops or restarts keepalived or haproxy, and that daemon does not run on the
/// node, or was started three times or more within the last hour. A text that has done no harm yet is a remark.
/// Why: a check that stops keepalived takes the node out for good, as nothing starts it again; started by hand, it is
/// stopped again within seconds. One that restarts haproxy breaks all connections each time.
/// Remedy: let the check end with 1 instead, and let keepalived lower the priority.
struct CheckStopsService: Cause {
    static let id = DoctorID.checkStopsService
    /// So many starts within an hour are no operator's.
    private static let manyStarts = 3

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node in
            let checks = observation.routers.flatMap(\.members).filter { $0.name == node.name }.flatMap(
                \.checks)
            for check in checks {
                let commands = check.serviceCommands.filter { $0.action != .starts }
                guard let worst = commands.first(where: { $0.daemon == .keepalived }) ?? commands.first else {
                    continue
                }
                return diagnose(check, worst, observation)
            }
            return nil
        }
    }

    private func diagnose(_ check: TrackedCheck, _ command: ServiceCommand, _ observation: ClusterObservation)
        -> Diagnosis
    {
        let node = check.node
        let name = node.name
        let daemon = command.daemon.rawValue
        let isDead =
            command.daemon == .keepalived
            ? observation.unexplained.contains(.daemonDown(node: name))
                && node.after?.known(ServicesFact.self)?["keepalived"]?.detail.hasPrefix("failed") != true
            : observation.unexplained.contains(.proxyDown(node: name))
        let starts = (command.daemon == .keepalived ? node.history.starts : node.history.proxyStarts).count
        let isLooping = starts >= Self.manyStarts
        // Somebody may have stopped keepalived by hand; where the tested service is down too, the check did.
        let isGuilty =
            isDead && (command.daemon == .haproxy || isLooping || !observation.isProxyRunning(on: node))
        let isHarm = isGuilty || isLooping
        let isDark = isGuilty && observation.reachable.allSatisfy { $0.isDead }
        let verb = command.action == .stops ? "stops" : "restarts"
        var explains: Set<Symptom> = []
        if isGuilty {
            explains.insert(command.daemon == .keepalived ? .daemonDown(node: name) : .proxyDown(node: name))
            if check.isAboutHAProxy { explains.insert(.proxyDown(node: name)) }
            if isDark {
                explains.formUnion(
                    observation.unexplained.filter { if case .unowned = $0 { true } else { false } })
            }
        }
        if isHarm, command.daemon == .haproxy {
            // The ports of a haproxy that is being restarted refuse for a moment.
            explains.formUnion(observation.after.filter { $0.trueOwner == node.id }.map { .dark($0.vip) })
        }
        let proxy = observation.isProxyExpected(on: node) && !observation.isProxyRunning(on: node)
        return Diagnosis(
            Self.id, severity: isHarm ? .error : .info, nodes: [name],
            "the check `\(check.name)` on \(name) \(verb) \(daemon) (`\(command.text)`)"
                + (isGuilty ? ", and \(daemon) does not run" : "")
                + (isLooping ? "; \(daemon) was started \(starts) times in the last hour" : ""),
            effect: command.daemon == .keepalived
                ? "nothing starts keepalived again: \(name) takes over nothing, and a keepalived started by hand is stopped again"
                : "every failure of the check breaks all connections",
            fix: "let `\(check.command.program)` end with 1 instead of running `\(command.text)`"
                + (isGuilty && proxy ? "; then systemctl start haproxy" : "")
                + (isGuilty && command.daemon == .keepalived ? "; then systemctl start keepalived" : "")
                + " on \(name)",
            evidence: [
                node.evidence(of: command, in: check.command), node.evidence(at: check.script.location),
                node.serviceWords(daemon),
            ], explains: explains, file: check.script.location.file, line: check.script.location.line)
    }
}
