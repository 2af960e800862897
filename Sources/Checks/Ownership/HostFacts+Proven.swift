package import Facts
package import Keepalived

extension HostFacts {
    /// The state of the machine's keepalived by its journal, where its kernel and its file leave no doubt about it; `nil` where
    /// they do, and where the daemon has said it itself.
    ///
    /// The daemon's own word would leave a line in its log. It is not needed where
    ///
    /// - the journal has the running process's last change of every instance, and no gap;
    /// - the kernel agrees: a MASTER has all addresses of its instance, the others none;
    /// - the file is the one that the process has read;
    /// - the process runs and reads its adverts.
    ///
    /// Uses ``KeepalivedFact`` and the facts of `[any Fact].record`.
    package var provenState: LiveState? {
        guard let daemon = known(KeepalivedFact.self), daemon.isRunning, daemon.hasChild == true,
            daemon.state == nil, daemon.version.map({ $0.logsEveryRole }) == true,
            let record = known(RoleRecordFact.self), !record.hasGaps, readsAdverts,
            known(InterfacesFact.self) != nil,
            let evidence = known(ConfigurationFilesFact.self),
            let configuration = evidence.configuration(
                on: known(SystemFact.self), version: daemon.version ?? .assumed),
            !configuration.instances.isEmpty,
            let readAt = record.readAt ?? daemon.startedAt, let changed = record.fileChangedAt,
            changed <= readAt,
            configuration.files.allSatisfy({ evidence.files[$0].map { $0.modified <= readAt } == true })
        else { return nil }
        var instances: [LiveState.Instance] = []
        for instance in configuration.instances {
            guard let live = proven(instance, in: configuration, by: record) else { return nil }
            instances.append(live)
        }
        return LiveState(instances: instances)
    }

    /// Several adverts that nobody has read: a process that hangs.
    private var readsAdverts: Bool {
        guard let sockets = known(AdvertSocketsFact.self), !sockets.processes.isEmpty else { return false }
        // The kernel counts some 800 bytes for each.
        return sockets.processes.allSatisfy { !$0.isHalted && $0.state != "D" }
            && sockets.sockets.allSatisfy { $0.unread < 2048 }
    }

    /// A node behind a load balancer has the addresses on `lo`, whatever its role is.
    private func agrees(_ role: LiveState.Role, on holding: Interface?) -> Bool {
        role == .master ? holding != nil : holding == nil || holding?.name == "lo"
    }

    private func proven(
        _ instance: Instance, in configuration: Configuration, by record: RoleRecord
    ) -> LiveState.Instance? {
        guard let seen = record.instances[instance.name], let role = seen.role,
            !instance.allAddresses.isEmpty,
            let routerID = instance.virtualRouterID?.value,
            instance.allAddresses.allSatisfy({ agrees(role, on: interface(holding: $0.address)) })
        else { return nil }
        // What has changed the priority before the oldest line is not known.
        guard
            instance.isOwner || seen.priority != nil || record.readAt != nil
                || !configuration.weighs(instance)
        else {
            return nil
        }
        return LiveState.Instance(
            name: instance.name, role: role, interface: instance.interface?.value ?? "", routerID: routerID,
            basePriority: instance.priority.value,
            effectivePriority: seen.priority ?? instance.priority.value,
            addresses: instance.allAddresses.map { "\($0.address)/\($0.prefixLength)" },
            lastTransition: seen.changedAt, nopreempt: instance.nopreempt.value,
            version: instance.version.value)
    }
}

extension Configuration {
    /// Whether anything that is tracked may change the priority of an instance.
    fileprivate func weighs(_ instance: Instance) -> Bool {
        let group = syncGroup(of: instance)
        let tracked =
            instance.trackInterfaces + instance.trackScripts + instance.trackFiles + instance.trackProcesses
            + instance.trackBFDs + (group?.trackInterfaces ?? []) + (group?.trackScripts ?? [])
            + (group?.trackFiles ?? []) + (group?.trackProcesses ?? []) + (group?.trackBFDs ?? [])
        return !tracked.isEmpty
    }
}
