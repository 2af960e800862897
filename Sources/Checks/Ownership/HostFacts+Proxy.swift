package import Facts
import HAProxy
import Keepalived

extension HostFacts {
    /// Whether haproxy is to run on the machine by what is on its disk: haproxy.cfg, if it was asked, has something to
    /// listen for, and keepalived has not stopped haproxy because the node is not MASTER.
    package var isProxyWanted: Bool {
        known(ConfigurationFilesFact.self)?.haproxy?.isListening == true && !isProxyOnMasterOnly
    }

    /// Whether haproxy is stopped because the machine is not MASTER: what keepalived runs at a transition stops it then and
    /// starts it at a failover, and nothing has failed. Every verb that asks whether haproxy is missing asks this first.
    ///
    /// Uses ``proxyHooks``.
    package var isProxyOnMasterOnly: Bool {
        guard let daemon = known(KeepalivedFact.self), daemon.isRunning,
            !(daemon.state?.instances ?? []).contains(where: { $0.role == .master }),
            known(ServicesFact.self)?["haproxy"]?.detail.hasPrefix("failed") != true,
            let configuration = keepalivedConfiguration
        else { return false }
        return configuration.instances.contains { instance in
            let hooks = ProxyHooks(of: instance, in: configuration, text: text)
            return hooks.stopping != nil && hooks.starting != nil
        }
    }

    /// The facts that ``isProxyOnMasterOnly`` reads besides those of the daemons.
    package static var proxyHooks: [any Fact] {
        [ConfigurationFilesFact(.daemons), SystemFact(), VersionFact(), NamedPathsFact()]
    }

    /// A command, and the text of the script that it runs, without comments.
    func text(of command: ScriptCommand) -> String {
        let script = known(NamedPathsFact.self)?[command.program]?.text ?? ""
        return command.text + "\n"
            + script.split(separator: "\n").filter { !$0.drop { $0 == " " || $0 == "\t" }.hasPrefix("#") }
            .joined(separator: "\n")
    }
}

/// What keepalived does to haproxy at the transitions of one instance.
struct ProxyHooks {
    typealias Hook = (notify: Instance.Notify, command: ServiceCommand)

    /// What stops it when the node becomes BACKUP or FAULT.
    let stopping: Hook?
    /// What starts it when the node becomes MASTER.
    let starting: Hook?

    /// - `text`: a command, and the text of the script that it runs.
    init(of instance: Instance, in configuration: Configuration?, text: (ScriptCommand) -> String) {
        let all = instance.notify + (configuration?.syncGroup(of: instance)?.notify ?? [])
        func hook(_ events: [String], _ actions: Set<ServiceCommand.Action>) -> Hook? {
            for line in all where events.contains(line.event) {
                let found = ServiceCommand.all(in: text(line.command)).first {
                    $0.daemon == .haproxy && actions.contains($0.action)
                }
                if let found { return (line, found) }
            }
            return nil
        }
        stopping = hook(["notify_backup", "notify_fault", "notify", "notify_stop"], [.stops])
        starting = hook(["notify_master", "notify"], [.starts, .restarts])
    }
}
