import Facts
import Keepalived

/// keepalived does not run a check that the configuration names.
///
/// Condition: the script is missing, is not executable, or, with `enable_script_security`, runs as root although
/// another user could replace it; or the journal says that it was disabled, for example because its user may not execute
/// it, or that it cannot be started, for example because its interpreter is missing.
/// Why: keepalived removes such a check and continues without it, and one that cannot be started counts as successful: a
/// failure of the service does not move the addresses.
/// Remedy: install the script with owner root and mode 755, in directories that only root can write to, with an
/// interpreter that the node has.
struct CheckDisabled: Cause {
    static let id = DoctorID.checkDisabled

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.flatMap { node -> [Diagnosis] in
            guard let configuration = node.configuration else { return [] }
            return configuration.scripts.filter { configuration.tracks($0.name) }.compactMap {
                diagnose($0, configuration, node)
            }
        }
    }

    private func diagnose(
        _ script: TrackScript, _ configuration: Configuration, _ node: DoctorNode
    ) -> Diagnosis? {
        guard let command = script.command else { return nil }
        let state = node.after?.known(ScriptsFact.self)?[script.name]
        let logged = (node.recentJournal + node.history.sinceLoad).filter { entry in
            switch entry.event.kind {
            // It may name the script or its program.
            case .scriptDisabled: [script.name, command.program].contains(entry.event.subject)
            case .programNotStarted: entry.event.subject == command.program
            default: false
            }
        }
        let known = state.flatMap { fault($0, configuration) }
        guard
            let reason = known.map({ words(of: $0, state, command) })
                ?? logged.last.map({ self.reason($0, command, node) })
        else { return nil }
        // What keepalived has disabled otherwise, its user may not execute.
        let missing = interpreter(of: command, on: node).map { ScriptFault.withoutInterpreter($0) }
        let remedy = (known ?? missing ?? .notExecutable).remedy(of: command.program)
        return Diagnosis(
            Self.id, nodes: [node.name],
            "\(node.name) runs without its check `\(script.name)`: \(reason)",
            effect: "if the checked service fails, the addresses do not move",
            fix: "\(remedy); then systemctl reload keepalived on \(node.name)",
            evidence: [node.evidence(at: script.location), node.evidence(at: command.location)]
                + node.evidence(of: logged.suffix(1)),
            file: script.location.file, line: script.location.line)
    }

    private func reason(_ entry: JournalEntry, _ command: ScriptCommand, _ node: DoctorNode) -> String {
        switch entry.event.kind {
        case .programNotStarted(let reason):
            let missing = interpreter(of: command, on: node).map { "its interpreter \($0) does not exist" }
            return "\(missing ?? "it cannot be started (\(reason))"), which keepalived counts as success"
        case .scriptDisabled(let reason) where reason.hasPrefix("not executable"): return "it is \(reason)"
        default: return "keepalived disabled it"
        }
    }

    /// The program after `#!`, if there is no such program.
    private func interpreter(of command: ScriptCommand, on node: DoctorNode) -> String? {
        guard let path = node.before?.known(NamedPathsFact.self)?[command.program], !path.hasInterpreter
        else {
            return nil
        }
        return path.interpreter
    }

    private func fault(_ state: ScriptState, _ configuration: Configuration) -> ScriptFault? {
        if !state.exists { return .missing }
        if !state.isExecutable { return .notExecutable }
        guard configuration.global.scriptSecurity.value, state.userID == 0 else { return nil }
        return state.path.first(where: \.isInsecure).map { .insecure($0.path) }
    }

    private func words(of fault: ScriptFault, _ state: ScriptState?, _ command: ScriptCommand) -> String {
        switch fault {
        case .missing: return "\(command.program) does not exist"
        case .notExecutable: return "\(command.program) is not executable"
        case .withoutInterpreter(let interpreter): return "its interpreter \(interpreter) does not exist"
        case .insecure(let path):
            let culprit = state?.path.first { $0.path == path }
            let mode = culprit.map {
                " (owner \($0.ownerID):\($0.groupID), mode \(String($0.mode, radix: 8)))"
            }
            return "\(path) can be changed by users other than root\(mode ?? "")"
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
