import Facts
import Keepalived

/// `track_process` does not see processes.
///
/// Condition: an instance tracks a process, and keepalived's journal says that the kernel's process events cannot be
/// had; or keepalived counts another number of processes than run.
/// Why: keepalived learns of processes that start and end by the kernel's proc connector, which exists in the host's own
/// network namespace alone and needs CONFIG_PROC_EVENTS: in a container it stays with what it has counted at its start.
/// Remedy: use a `vrrp_script`, for example `/usr/bin/pgrep -x haproxy`, or run keepalived on the host.
struct ProcessCheckBlind: Cause {
    static let id = DoctorID.processCheckBlind

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { diagnose($0, observation) }
    }

    private func diagnose(_ node: DoctorNode, _ observation: ClusterObservation) -> Diagnosis? {
        guard node.daemon?.isRunning == true, let configuration = node.configuration else { return nil }
        let members = observation.routers.flatMap(\.members).filter { $0.name == node.name }
        let tracked = members.compactMap(\.instance).flatMap { instance in
            instance.trackProcesses + (configuration.syncGroup(of: instance)?.trackProcesses ?? [])
        }
        guard let first = tracked.first else { return nil }
        let logged = node.history.sinceStart.filter {
            if case .processesUnseen = $0.event.kind { true } else { false }
        }
        let wrong = tracked.compactMap { miscount($0.name, on: node, configuration) }
        guard !logged.isEmpty || !wrong.isEmpty else { return nil }
        let isDown = observation.unexplained.contains(.proxyDown(node: node.name))
        return Diagnosis(
            Self.id, nodes: [node.name],
            "`track_process` of `\(first.name)` on \(node.name) does not see processes that start and end",
            effect: wrong.isEmpty
                ? "when the process ends, the addresses do not move"
                : "keepalived goes by a number of processes that is wrong",
            fix:
                "track a script instead, for example `/usr/bin/pgrep -x NAME`; then reload keepalived on \(node.name)",
            evidence: [node.evidence(at: first.location)] + node.evidence(of: logged.suffix(1)) + wrong,
            explains: Set(isDown && !wrong.isEmpty ? [Symptom.proxyDown(node: node.name)] : [])
                .union(wrong.isEmpty ? [] : faults(members, observation)),
            file: first.location.file, line: first.location.line)
    }

    private func faults(_ members: [VirtualRouter.Member], _ observation: ClusterObservation) -> Set<Symptom>
    {
        observation.routers.reduce(into: []) { all, router in
            let own = members.filter { member in router.members.contains { $0.name == member.name } }
            all.formUnion(observation.symptoms(ofFaulty: own, in: router))
        }
    }

    /// What keepalived believes to run against what runs, for the processes that doctor can see.
    private func miscount(_ name: String, on node: DoctorNode, _ configuration: Configuration) -> Evidence? {
        guard let words = configuration.trackProcesses.first(where: { $0.name == name })?.process?.value,
            words == ["haproxy"],
            let believed = node.daemon?.checks?.processes.first(where: { $0.name == name })?.running,
            let known = node.after?.known(ProcessesFact.self)
        else { return nil }
        let running = known.count { $0.daemon == .haproxy && $0.state != "Z" }
        guard (believed == 0) != (running == 0) else { return nil }
        return Evidence(
            .daemon, on: node.name, "keepalived counts \(believed) processes of `\(name)`, and \(running) run"
        )
    }
}
