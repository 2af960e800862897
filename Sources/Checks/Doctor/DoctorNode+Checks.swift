package import Facts
import Keepalived

extension DoctorNode {
    var history: CheckHistory { after?.known(CheckHistoryFact.self) ?? CheckHistory(now: 0) }

    /// A command, and the text of the script that it runs, without comments.
    func text(of command: ScriptCommand) -> String { before?.text(of: command) ?? command.text }

    /// What a program of keepalived does to the services.
    func serviceCommands(of command: ScriptCommand) -> [ServiceCommand] {
        ServiceCommand.all(in: text(of: command))
    }

    /// Why doctor does not run a check; `nil` if it may.
    func untriedReason(of command: ScriptCommand) -> String? {
        serviceCommands(of: command).first.map { "it runs `\($0.text)`" }
    }

    /// The line of a script that has a command, else the line of the configuration.
    func evidence(of found: ServiceCommand, in command: ScriptCommand) -> Evidence? {
        let lines = (before?.known(NamedPathsFact.self)?[command.program]?.text ?? "")
            .split(separator: "\n", omittingEmptySubsequences: false)
        guard let index = lines.firstIndex(where: { $0.contains(found.text) }) else {
            return evidence(at: command.location)
        }
        return Evidence(.file(command.program, line: index + 1), on: name, found.text)
    }

    /// Every tracked check. Those that fail are run once, to read their output, unless they stop or start services.
    package var scriptQuestions: [ScriptsFact.Question] {
        guard let configuration else { return [] }
        let states = daemon?.state?.instances ?? []
        let faults = Set(states.filter { $0.role == .fault }.map(\.name))
        let tracked = configuration.instances.flatMap { instance in
            (instance.trackScripts + (configuration.syncGroup(of: instance)?.trackScripts ?? [])).map {
                (name: $0.name, isFaulty: faults.contains(instance.name))
            }
        }
        return configuration.scripts.compactMap { script in
            let uses = tracked.filter { $0.name == script.name }
            guard !uses.isEmpty, let command = script.command, !command.arguments.isEmpty else { return nil }
            let user = script.user?.value.user ?? configuration.global.scriptUser?.value.user
            let isFailing =
                daemon?.checks?[script: script.name]?.isFailing ?? uses.contains(where: \.isFaulty)
            let limit = script.timeout.value > 0 ? script.timeout.value : script.interval.value
            return ScriptsFact.Question(
                name: script.name, arguments: command.arguments, user: user,
                isTried: isFailing && untriedReason(of: command) == nil, seconds: max(1, min(5, limit)))
        }
    }
}
