import Facts
import Keepalived

/// keepalived does not run a check that the configuration names.
///
/// Condition: the script is missing, cannot be executed, or, with `enable_script_security`, could be replaced by
/// somebody other than root; or the journal says that it was disabled.
/// Why: keepalived removes such a check and goes on without it: a failure of the service moves nothing.
/// Remedy: put the script in place, root's and mode 755, in directories that only root can write to.
struct CheckDisabled: Cause {
    static let id = "check-disabled"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.reachable.flatMap { node -> [Diagnosis] in
            guard let configuration = node.configuration else { return [] }
            let states = node.after?.known(ScriptsFact.self) ?? [:]
            return configuration.scripts.compactMap { script in
                guard configuration.tracks(script.name), let command = script.command else { return nil }
                let logged = node.recentJournal.filter { entry in
                    guard case .scriptDisabled = entry.event.kind else { return false }
                    return entry.event.subject == script.name
                }
                guard
                    let reason = states[script.name].flatMap({ reason($0, command, configuration) })
                        ?? (logged.isEmpty ? nil : "keepalived disabled it")
                else { return nil }
                return Diagnosis(
                    Self.id, nodes: [node.name],
                    "\(node.name) runs without its check `\(script.name)`: \(reason)",
                    effect: "what it watches may fail, and the addresses stay",
                    fix:
                        "chown root:root \(command.program); chmod 755 \(command.program); then reload keepalived",
                    evidence: [node.evidence(at: script.location), node.evidence(at: command.location)]
                        + logged.suffix(1).map { "\(node.name)'s journal: \($0.message)" },
                    file: script.location.file, line: script.location.line)
            }
        }
    }

    private func reason(_ state: ScriptState, _ command: ScriptCommand, _ configuration: Configuration)
        -> String?
    {
        if !state.exists { return "\(command.program) does not exist" }
        if !state.isExecutable { return "\(command.program) is not executable" }
        guard configuration.global.scriptSecurity.value,
            let culprit = state.path.first(where: { $0.isInsecure })
        else { return nil }
        return
            "\(culprit.path) is not safe from others than root (owner \(culprit.ownerID), mode \(String(culprit.mode, radix: 8)))"
    }
}

/// Every node is in FAULT.
///
/// Condition: nobody holds the address, and every keepalived that runs says FAULT.
/// Why: a check without weight, or a tracked interface, fails on all nodes at once: most often the check is wrong,
/// not the service.
/// Remedy: run the check by hand, mend it or what it watches; a weight leaves at least one node serving.
struct EveryNodeInFault: Cause {
    static let id = "all-fault"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            let speaking = router.members.filter { $0.after != nil }
            let dark = patient.symptoms(of: router).filter { if case .unowned = $0 { true } else { false } }
            guard !dark.isEmpty, !speaking.isEmpty, speaking.allSatisfy({ $0.after?.role == .fault }) else {
                return nil
            }
            var causes: [String] = []
            var evidence: [String] = []
            for member in speaking {
                for (name, words) in reasons(member) {
                    if !causes.contains(name) { causes.append(name) }
                    evidence += words
                }
            }
            let why = causes.isEmpty ? "" : ": \(joined(causes)) \(causes.count == 1 ? "fails" : "fail")"
            return Diagnosis(
                Self.id, nodes: speaking.map(\.name), "every node of \(router.title) is in FAULT\(why)",
                effect: "no node serves the addresses",
                fix: causes.isEmpty
                    ? "journalctl -u keepalived says what failed"
                    : "mend what \(joined(causes)) watches, or the check itself; give it a weight, and one node stays",
                evidence: evidence,
                explains: dark.union(
                    speaking.map { .fault(node: $0.name, instance: $0.after?.name ?? router.title) }))
        }
    }

    /// What failed on one node, with what it printed.
    private func reasons(_ member: VirtualRouter.Member) -> [(String, [String])] {
        let node = member.node
        var found: [(String, [String])] = []
        for reference in member.instance?.trackScripts ?? [] {
            guard let trial = node.after?.known(ScriptsFact.self)?[reference.name]?.trial, trial.status != 0
            else {
                continue
            }
            let command = node.configuration?.script(named: reference.name)?.command?.text ?? reference.name
            let said =
                trial.output.isEmpty
                ? "and prints nothing" : "and prints: " + trial.output.joined(separator: " / ")
            found.append(
                (
                    "the check `\(reference.name)`",
                    ["\(node.name): `\(command)` ends with status \(trial.status) \(said)"]
                ))
        }
        for name in Set([member.interface] + (member.instance?.trackInterfaces.map(\.name) ?? [])).sorted() {
            guard let interface = node.interfaces.first(where: { $0.name == name }) else {
                found.append(("interface \(name)", ["\(node.name): there is no interface \(name)"]))
                continue
            }
            guard !interface.isUp || !interface.hasCarrier else { continue }
            found.append(
                (
                    "interface \(name)",
                    ["\(node.name): \(name) is \(interface.isUp ? "without carrier" : "down")"]
                ))
        }
        let logged = member.logged { if case .becameFault = $0 { true } else { false } }
        if found.isEmpty, !logged.isEmpty { return [("what the journal names", logged)] }
        return found.map { ($0.0, $0.1 + logged) }
    }
}

/// A check that can fail without moving the addresses.
///
/// Condition: the preferred node's priority with the check failed is still not below the next node's.
/// Why: the weight is too small for the distance of the priorities; equal does not suffice. Priority 255 knows no
/// weights at all.
/// Remedy: a weight larger than the distance, or none: then failure is a fault.
struct CheckNeverMoves: Cause {
    static let id = "check-never-moves"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.flatMap { router -> [Diagnosis] in
            let contenders = router.configured.compactMap {
                member, instance -> (VirtualRouter.Member, Instance, PriorityArithmetic, Int)? in
                guard let configuration = member.node.configuration else { return nil }
                let arithmetic = PriorityArithmetic(of: instance, in: configuration)
                guard case .priority(let priority) = arithmetic.outcome() else { return nil }
                return (member, instance, arithmetic, priority)
            }.sorted { $0.3 > $1.3 }
            guard contenders.count > 1, let (member, instance, arithmetic, _) = contenders.first else {
                return []
            }
            let successor = contenders[1]
            let weighted = arithmetic.tracked.filter { $0.weight != 0 }
            let together = arithmetic.outcome(failing: Set(weighted.map(\.name)))
            return weighted.compactMap { reference in
                guard case .priority(let left) = arithmetic.outcome(failing: [reference.name]),
                    left >= successor.3,
                    left > 0
                else { return nil }
                var isHopeless = true
                if case .priority(let all) = together { isHopeless = all >= successor.3 }
                let distance = instance.priority.value - successor.1.priority.value
                return Diagnosis(
                    Self.id, severity: isHopeless ? .error : .warning, nodes: [member.name],
                    "failure of `\(reference.name)` cannot move \(router.title) away from \(member.name)",
                    effect:
                        "with it failed \(member.name) has priority \(left), and \(successor.0.name) has \(successor.3)",
                    fix: instance.isOwner
                        ? "give \(router.title) a priority of 254 or less on \(member.name)"
                        : "make the weight of `\(reference.name)` larger than \(distance), for example "
                            + "\(reference.weight < 0 ? "-" : "")\(distance + 10), or leave it out",
                    evidence: [
                        member.evidence(at: instance.priority.location),
                        successor.0.evidence(at: successor.1.priority.location),
                        member.evidence(at: reference.location),
                        member.evidence(
                            at: member.node.configuration?.script(named: reference.name)?.weight.location),
                    ], file: reference.location.file, line: reference.location.line)
            }
        }
    }
}

/// The owner's check fails, and `nopreempt` keeps the others from taking over.
///
/// Condition: the MASTER's priority was lowered below another node's, and that node has `nopreempt`.
/// Why: with `nopreempt` a BACKUP accepts adverts of a lower priority for ever.
/// Remedy: a check without weight: its failure is a fault, and a fault makes room; or preemption.
struct StuckByNopreempt: Cause {
    static let id = "nopreempt-stuck"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            guard let master = router.masters.first, let state = master.after, router.masters.count == 1,
                state.effectivePriority < state.basePriority
            else { return nil }
            let stuck = router.members.filter {
                $0.after?.role == .backup && $0.after?.nopreempt == true
                    && ($0.after?.effectivePriority ?? 0) > state.effectivePriority
            }
            guard let better = stuck.first else { return nil }
            return Diagnosis(
                Self.id, nodes: [master.name] + stuck.map(\.name),
                "\(master.name) keeps \(router.title) although a check of it fails: nopreempt holds \(joined(stuck.map(\.name))) back",
                effect: "the addresses stay on the node whose service is broken",
                fix: "mend what fails on \(master.name), or restart keepalived there to move the addresses; "
                    + "then give the check no weight",
                evidence: [
                    "\(master.name): MASTER with priority \(state.effectivePriority), of \(state.basePriority)",
                    "\(better.name): BACKUP with priority \(better.after?.effectivePriority ?? 0) and nopreempt",
                ]
                    + master.logged {
                        switch $0 {
                        case .scriptFailed, .scriptReturns, .priorityChanged: true
                        default: false
                        }
                    } + stuck.map { $0.evidence(at: $0.instance?.nopreempt.location) })
        }
    }
}

extension Configuration {
    /// Whether any instance or group tracks a script.
    func tracks(_ script: String) -> Bool {
        instances.contains { $0.trackScripts.contains { $0.name == script } }
            || syncGroups.contains { $0.trackScripts.contains { $0.name == script } }
    }
}
