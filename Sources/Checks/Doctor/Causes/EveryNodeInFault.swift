import Facts
import Keepalived

/// Every node is in FAULT.
///
/// Condition: no node holds the address, and every running keepalived reports FAULT.
/// Why: a check without weight, or a tracked interface, fails on all nodes at once: most often the check is wrong,
/// not the service.
/// Remedy: run the check by hand, fix it or the checked service; with a weight, at least one node keeps serving.
struct EveryNodeInFault: Cause {
    static let id = DoctorID.allFault

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            let speaking = router.members.filter { $0.after != nil }
            let dark = observation.symptoms(of: router).filter {
                if case .unowned = $0 { true } else { false }
            }
            guard !dark.isEmpty, !speaking.isEmpty, speaking.allSatisfy({ $0.after?.role == .fault }) else {
                return nil
            }
            var causes: [String] = []
            var evidence: [Evidence] = []
            for member in speaking {
                for (name, words) in reasons(member) {
                    if !causes.contains(name) { causes.append(name) }
                    evidence += words
                }
                evidence += untried(member)
            }
            let why = causes.isEmpty ? "" : ": \(joined(causes)) \(causes.count == 1 ? "fails" : "fail")"
            return Diagnosis(
                Self.id, nodes: speaking.map(\.name), "every node of \(router.title) is in FAULT\(why)",
                effect: "no node serves the addresses",
                fix: causes.isEmpty
                    ? "journalctl -u keepalived shows what failed"
                    : "fix what \(joined(causes)) checks, or the check itself; with a weight, one node stays",
                evidence: evidence,
                explains: dark.union(
                    speaking.map { .fault(node: $0.name, instance: $0.after?.name ?? router.title) }))
        }
    }

    /// Checks that could not be run for their output.
    private func untried(_ member: VirtualRouter.Member) -> [Evidence] {
        (member.instance?.trackScripts ?? []).compactMap { reference in
            member.node.after?.known(ScriptsFact.self)?[reference.name]?.untried.map {
                Evidence(.probe, on: member.name, "the check `\(reference.name)` was not tried: \($0)")
            }
        }
    }

    /// The failures on one node, with their output.
    private func reasons(_ member: VirtualRouter.Member) -> [(String, [Evidence])] {
        let node = member.node
        var found: [(String, [Evidence])] = []
        for reference in member.instance?.trackScripts ?? [] {
            guard let trial = node.after?.known(ScriptsFact.self)?[reference.name]?.trial, trial.status != 0
            else {
                continue
            }
            let command =
                node.configuration?.script(named: reference.name)?.command?.text ?? reference.name
            let said =
                trial.output.isEmpty
                ? "and prints nothing" : "and prints: " + trial.output.joined(separator: " / ")
            found.append(
                (
                    "the check `\(reference.name)`",
                    [Evidence(.probe, on: node.name, "`\(command)` ends with status \(trial.status) \(said)")]
                ))
        }
        for name in Set([member.interface] + (member.instance?.trackInterfaces.map(\.name) ?? [])).sorted() {
            guard let interface = node.interfaces.first(where: { $0.name == name }) else {
                found.append(
                    ("interface \(name)", [Evidence(.kernel, on: node.name, "there is no interface \(name)")])
                )
                continue
            }
            guard !interface.isUp || !interface.hasCarrier else { continue }
            found.append(
                (
                    "interface \(name)",
                    [
                        Evidence(
                            .kernel, on: node.name,
                            "\(name) is \(interface.isUp ? "without carrier" : "down")")
                    ]
                ))
        }
        let logged = member.logged { if case .becameFault = $0 { true } else { false } }
        if found.isEmpty, !logged.isEmpty { return [("the failure in the journal", logged)] }
        return found.map { ($0.0, $0.1 + logged) }
    }
}
