import Addresses
import Events
import Facts
import Keepalived
import Timeline

extension HostFacts {
    /// Brings the facts up to date by what the machine has told. Parts that were never known stay unknown.
    mutating func apply(_ kind: WitnessEvent.Kind) {
        switch kind {
        case .address(let held, let interface, let isAdded):
            apply(held, on: interface, isAdded: isAdded)
        case .link(let name, let isUp, let hasCarrier):
            guard var all = known(InterfacesFact.self) else { return }
            if let index = all.firstIndex(where: { $0.name == name }) {
                all[index].isUp = isUp
                all[index].hasCarrier = hasCarrier ?? false
                if hasCarrier == nil { all.remove(at: index) }
            } else if let hasCarrier {
                all.append(Interface(name: name, isUp: isUp, hasCarrier: hasCarrier))
            }
            set(InterfacesFact.self, to: all)
        case .log(.keepalived(let event)): apply(event)
        case .log(.service(let service, let event)): apply(event, of: service)
        case .log(.haproxy(let event)): apply(event)
        case .log, .neighbour, .announcement: break
        }
    }

    private mutating func apply(_ held: Interface.Held, on name: String, isAdded: Bool) {
        guard var all = known(InterfacesFact.self) else { return }
        let index = all.firstIndex { $0.name == name } ?? all.count
        if index == all.count { all.append(Interface(name: name)) }
        all[index].addresses.removeAll { $0.cidr == held.cidr }
        if isAdded { all[index].addresses.append(held) }
        set(InterfacesFact.self, to: all)
    }

    /// Keeps what is known better of the daemon than a look could learn.
    ///
    /// A daemon that is stopping writes no dump any more, and its journal's last role is the one that it gives up: what was
    /// heard of that journal is at least as new. The instances of one that does not run are kept, so that its next words about
    /// them are understood.
    mutating func keepDaemon(of earlier: HostFacts) {
        guard var daemon = known(KeepalivedFact.self), let old = earlier.known(KeepalivedFact.self) else {
            return
        }
        if daemon.isRunning, case .journal = daemon.roleSource {
            set(KeepalivedFact.self, to: old)
        } else if !daemon.isRunning, daemon.state == nil {
            (daemon.state, daemon.roleSource, daemon.checks) = (old.state, old.roleSource, old.checks)
            set(KeepalivedFact.self, to: daemon)
        }
    }

    /// Replaces all addresses, links kept.
    mutating func replaceAddresses(_ events: [WitnessEvent]) {
        guard var all = known(InterfacesFact.self) else { return }
        for index in all.indices { all[index].addresses = [] }
        set(InterfacesFact.self, to: all)
        for event in events { apply(event.kind) }
    }

    private mutating func apply(_ event: JournalEvent) {
        guard var daemon = known(KeepalivedFact.self) else { return }
        func change(_ change: (inout LiveState.Instance) -> Void) {
            guard let index = daemon.state?.instances.firstIndex(where: { $0.name == event.subject }) else {
                return
            }
            if var instance = daemon.state?.instances[index] {
                change(&instance)
                daemon.state?.instances[index] = instance
            }
        }
        func become(_ role: LiveState.Role) {
            change {
                if $0.role != role { $0.lastTransition = daemon.now }
                $0.role = role
            }
        }
        func check(isFailing: Bool) {
            guard let index = daemon.checks?.scripts.firstIndex(where: { $0.name == event.subject }) else {
                return
            }
            daemon.checks?.scripts[index].isFailing = isFailing
        }
        switch event.kind {
        case .becameMaster: become(.master)
        case .becameBackup: become(.backup)
        case .becameFault: become(.fault)
        case .started:
            for index in daemon.state?.instances.indices ?? 0..<0 {
                daemon.state?.instances[index].role = .initial
            }
        case .priorityChanged(_, let priority): change { $0.effectivePriority = priority }
        case .scriptFailed, .scriptTimedOut: check(isFailing: true)
        case .scriptSucceeded: check(isFailing: false)
        // It takes its addresses away at once.
        case .stopping, .stopped:
            daemon.hasChild = false
            return set(KeepalivedFact.self, to: daemon)
        default: return
        }
        // A daemon that logs this runs. Whether it has a process counts here, not the process id.
        daemon.hasChild = true
        daemon.pid = daemon.pid ?? 0
        set(KeepalivedFact.self, to: daemon)
    }

    private mutating func apply(
        _ event: TimelineEvent.ServiceEvent, of service: TimelineEvent.Service
    ) {
        let runs: Bool
        switch event {
        case .started: runs = true
        case .stopped, .killed, .exited, .failed: runs = false
        case .starting, .reloading, .stopping, .restartScheduled: return
        }
        if service == .keepalived, !runs, var daemon = known(KeepalivedFact.self) {
            daemon.hasChild = false
            set(KeepalivedFact.self, to: daemon)
        }
        if var services = known(ServicesFact.self), services[service.rawValue] != nil {
            services[service.rawValue]?.isRunning = runs
            set(ServicesFact.self, to: services)
        }
    }

    private mutating func apply(_ event: TimelineEvent.HAProxyEvent) {
        guard var health = known(HAProxyHealthFact.self) else { return }
        func mark(_ name: String, _ status: String) {
            for index in health.rows.indices
            where "\(health.rows[index].proxy)/\(health.rows[index].server)" == name {
                health.rows[index].status = status
            }
        }
        switch event {
        case .serverDown(let name, _): mark(name, "DOWN")
        case .serverUp(let name): mark(name, "UP")
        default: return
        }
        set(HAProxyHealthFact.self, to: health)
    }
}
