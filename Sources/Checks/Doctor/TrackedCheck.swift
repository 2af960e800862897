import Facts
import Keepalived

/// One `vrrp_script` that an instance of a node tracks, with all that is known of it.
struct TrackedCheck: Sendable {
    let member: VirtualRouter.Member
    let reference: TrackedReference
    let script: TrackScript
    let command: ScriptCommand

    var name: String { reference.name }
    var node: DoctorNode { member.node }
    var instance: String { member.after?.name ?? member.instance?.name ?? "the instance" }

    /// Whether the daemon counts it as failing, in both samples; `nil` where neither it nor its journal says.
    var isFailing: Bool? {
        let second = node.daemon?.checks?[script: name]?.isFailing ?? results.isFailing
        guard second == true else { return second }
        return node.before?.known(KeepalivedFact.self)?.checks?[script: name]?.isFailing ?? true
    }

    /// What the journal has of it since the daemon's start.
    var results: CheckResults { node.history.results(of: name) }

    /// What happened when doctor ran it; only failing checks are run.
    var trial: ScriptState.Trial? { node.after?.known(ScriptsFact.self)?[name]?.trial }

    /// Seconds after which keepalived stops it.
    var limit: Int { script.timeout.value > 0 ? script.timeout.value : max(1, script.interval.value) }

    /// The command and, where it is a script, its text.
    var text: String { node.text(of: command) }
    /// Whether it tests haproxy, by its name, its command or its text.
    var isAboutHAProxy: Bool { (name + " " + text).lowercased().contains("haproxy") }
    var serviceCommands: [ServiceCommand] { node.serviceCommands(of: command) }

    /// Fails and recovers again and again, at least this often.
    static let flapping = 4
    var isFlapping: Bool { results.failures.count >= Self.flapping }

    /// "on lb1 keepalived says that `chk` fails", what the journal has, and what it prints when run by hand.
    var evidence: [Evidence] {
        var evidence = [node.evidence(at: reference.location), node.evidence(at: script.location)].compactMap(
            \.self)
        if node.daemon?.checks?[script: name]?.isFailing == true {
            evidence.append(Evidence(.daemon, on: node.name, "keepalived says that `\(name)` fails"))
        }
        if let last = results.last { evidence += node.evidence(of: [last]) }
        if let trial {
            let said =
                trial.output.isEmpty
                ? "and prints nothing" : "and prints: " + trial.output.joined(separator: " / ")
            let end =
                trial.status == 124 ? "does not end within \(limit) s" : "ends with status \(trial.status)"
            evidence.append(Evidence(.probe, on: node.name, "`\(command.text)` \(end) \(said)"))
        } else if isFailing == true, let reason = node.untriedReason(of: command) {
            evidence.append(Evidence(.probe, on: node.name, "the check `\(name)` was not tried: \(reason)"))
        }
        return evidence
    }

    /// What the instance is left with: "priority 90 of 150", "FAULT".
    var effect: String? {
        if member.after?.role == .fault { return "FAULT" }
        guard let priority = member.after?.effectivePriority, let base = member.after?.basePriority,
            priority != base
        else { return nil }
        return "priority \(priority) of \(base)"
    }
}

extension [TrackedCheck] {
    /// "lb1 has priority 90 of 150": what their failure has left on each node, behind a mark; empty if it changed nothing.
    func effects(after mark: String) -> String {
        let effects = compactMap { check in check.effect.map { "\(check.node.name) has \($0)" } }
        return effects.isEmpty ? "" : mark + Checks.joined(effects)
    }
}

extension VirtualRouter.Member {
    /// Its checks whose failure counts against it; a reversed one counts for it.
    var checks: [TrackedCheck] {
        guard let instance, let configuration = node.configuration else { return [] }
        let references = instance.trackScripts + (configuration.syncGroup(of: instance)?.trackScripts ?? [])
        return references.filter { !$0.isReversed }.compactMap { reference in
            guard let script = configuration.script(named: reference.name), let command = script.command
            else {
                return nil
            }
            return TrackedCheck(member: self, reference: reference, script: script, command: command)
        }
    }
}

extension VirtualRouter {
    /// The checks of all its nodes, those of one name together.
    var checksByName: [[TrackedCheck]] {
        let all = members.flatMap(\.checks)
        return all.map(\.name).uniqued().map { name in all.filter { $0.name == name } }
    }
}

extension ClusterObservation {
    func check(_ name: String, on node: String) -> TrackedCheck? {
        routers.flatMap(\.members).filter { $0.name == node }.flatMap(\.checks).first { $0.name == name }
    }

    /// Checks with a weight that fail. One about haproxy on a node without haproxy is right.
    var failingChecks: Set<Symptom> {
        let failing = routers.flatMap(\.members).flatMap(\.checks).filter { check in
            check.reference.weight != 0 && check.isFailing == true
                && !(check.isAboutHAProxy && isProxyInstalled(on: check.node)
                    && !isProxyRunning(on: check.node))
        }
        return Set(failing.map { .checkFails(node: $0.node.name, check: $0.name) })
    }

    /// The symptoms of checks that fail.
    func symptoms(of checks: [TrackedCheck], in router: VirtualRouter) -> Set<Symptom> {
        symptoms(ofFaulty: checks.map(\.member), in: router)
            .union(checks.map { .checkFails(node: $0.node.name, check: $0.name) })
    }

    /// The symptoms that follow from FAULT on these members: FAULT, and no owner where nobody else is left.
    func symptoms(ofFaulty members: [VirtualRouter.Member], in router: VirtualRouter) -> Set<Symptom> {
        let faulty = members.filter { $0.after?.role == .fault }
        var symptoms = Set(faulty.map { Symptom.fault(node: $0.name, instance: $0.after?.name ?? "") })
        let speaking = router.members.filter { $0.after != nil }
        if !faulty.isEmpty, speaking.allSatisfy({ $0.after?.role == .fault }) {
            symptoms.formUnion(
                self.symptoms(of: router).filter { if case .unowned = $0 { true } else { false } })
            symptoms.formUnion(speaking.map { .fault(node: $0.name, instance: $0.after?.name ?? "") })
        }
        return symptoms
    }
}
