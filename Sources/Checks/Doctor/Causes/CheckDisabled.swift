import Facts
import Keepalived

/// keepalived does not run a check that the configuration names.
///
/// Condition: the script is missing, is not executable, or, with `enable_script_security`, runs as root although
/// another user could replace it; or the journal says that it was disabled.
/// Why: keepalived removes such a check and continues without it: a failure of the service does not move the
/// addresses.
/// Remedy: install the script with owner root and mode 755, in directories that only root can write to.
struct CheckDisabled: Cause {
    static let id = DoctorID.checkDisabled

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.flatMap { node -> [Diagnosis] in
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
                    effect: "if the checked service fails, the addresses do not move",
                    fix:
                        "chown root:root \(command.program); chmod 755 \(command.program); then reload keepalived",
                    evidence: [node.evidence(at: script.location), node.evidence(at: command.location)]
                        + node.evidence(of: logged.suffix(1)),
                    file: script.location.file, line: script.location.line)
            }
        }
    }

    private func reason(_ state: ScriptState, _ command: ScriptCommand, _ configuration: Configuration)
        -> String?
    {
        if !state.exists { return "\(command.program) does not exist" }
        if !state.isExecutable { return "\(command.program) is not executable" }
        guard configuration.global.scriptSecurity.value, state.userID == 0,
            let culprit = state.path.first(where: { $0.isInsecure })
        else { return nil }
        return
            "\(culprit.path) can be changed by users other than root (owner \(culprit.ownerID):\(culprit.groupID), mode \(String(culprit.mode, radix: 8)))"
    }
}

extension Configuration {
    /// Whether any instance or group tracks a script.
    func tracks(_ script: String) -> Bool {
        instances.contains { $0.trackScripts.contains { $0.name == script } }
            || syncGroups.contains { $0.trackScripts.contains { $0.name == script } }
    }
}
