package import Addresses
package import Facts
package import Keepalived

/// What is shown of one node, and whose changes are told. Pure.
package struct NodeSight: Hashable, Sendable {
    package struct Role: Hashable, Sendable {
        package var role: LiveState.Role
        package var priority: Int?
        package var basePriority: Int?
    }

    /// The virtual addresses that its kernel has, with the interface of each.
    package var held: [IPAddress: String] = [:]
    /// By instance.
    package var roles: [String: Role] = [:]
    /// `nil` where it is not known.
    package var keepalivedRuns: Bool?
    package var haproxyRuns: Bool?
    /// By `backend/server`: `UP`, `DOWN`, `MAINT`…
    package var servers: [String: String] = [:]
    /// By name: whether a check fails; `nil` where it has no result yet.
    package var checks: [String: Bool?] = [:]
    /// The interfaces that have or had an address of interest: whether each has a carrier.
    package var links: [String: Bool] = [:]
    /// The change that goes back there by itself unless a person confirms it.
    package var awaitsConfirmation: PendingWork.HeldChange?
    /// The seconds until then, at the time of the look.
    package var rollbackInSeconds: Int?
    /// A run that did not come to its end, and of which nobody is at work.
    package var unfinished: PendingWork.UnfinishedRun?

    package init() {}

    /// - `vips`: the addresses of interest.
    init(_ facts: HostFacts, vips: some Sequence<IPAddress>) {
        for vip in vips {
            if let interface = facts.interface(holding: vip) { held[vip] = interface.name }
        }
        let daemon = facts.known(KeepalivedFact.self)
        keepalivedRuns = daemon?.isRunning
        if daemon?.isRunning == true {
            for instance in daemon?.state?.instances ?? [] {
                roles[instance.name] = Role(
                    role: instance.role, priority: instance.effectivePriority,
                    basePriority: daemon?.roleSource == .daemon ? instance.basePriority : nil)
            }
            for script in daemon?.checks?.scripts ?? [] { checks[script.name] = .some(script.isFailing) }
            for process in daemon?.checks?.processes ?? [] {
                checks[process.name] = .some(process.hasQuorum.map { !$0 })
            }
        }
        if let service = facts.known(ServicesFact.self)?["haproxy"], service.isInstalled {
            haproxyRuns = service.isRunning
        }
        for row in facts.known(HAProxyHealthFact.self)?.rows ?? []
        where row.server != "FRONTEND" && row.server != "BACKEND" {
            servers["\(row.proxy)/\(row.server)"] = row.status
        }
        for interface in facts.known(InterfacesFact.self) ?? [] where interface.name != "lo" {
            links[interface.name] = interface.hasCarrier
        }
        let pending = facts.known(PendingFact.self)
        awaitsConfirmation = pending?.rollback?.held
        rollbackInSeconds = awaitsConfirmation == nil ? nil : pending?.rollback?.secondsLeft
        unfinished = pending?.lock == nil && pending?.rollback == nil ? pending?.unfinished : nil
    }

    /// How many servers take requests, of those that are meant to.
    package var serversUp: (up: Int, of: Int) {
        let wanted = servers.values.map { HAProxyHealth.ServerState($0) }.filter {
            $0 != .maintenance && $0 != .drain
        }
        return (wanted.count(where: \.takesSessions), wanted.count)
    }
    package var failingChecks: [String] { checks.filter { $0.value == true }.keys.sorted() }
}

/// One difference between two sights of a node.
struct SightChange {
    var kind: WatchEvent.Kind
    var instance: String?
    var address: IPAddress?
    var subject: String?
    var from: String?
    var to: String?
    var words: String
    var weight = WatchEvent.Weight.plain
}

extension NodeSight {
    /// What is different from an earlier sight. What becomes known for the first time is no change.
    func changes(since old: NodeSight) -> [SightChange] {
        addressChanges(old) + roleChanges(old) + serviceChanges(old) + serverChanges(old)
            + checkChanges(old) + linkChanges(old) + pendingChanges(old)
    }

    private func pendingChanges(_ old: NodeSight) -> [SightChange] {
        var changes: [SightChange] = []
        func tell(_ subject: String, _ now: String?, _ then: String?, _ begun: String, _ ended: String) {
            guard now != then else { return }
            changes.append(
                SightChange(
                    kind: .pending, subject: subject, from: then, to: now, words: now == nil ? ended : begun,
                    weight: now == nil ? .plain : .warning))
        }
        let waiting = awaitsConfirmation?.description
        tell(
            "confirmation", waiting, old.awaitsConfirmation?.description,
            "\(waiting ?? "") waits for haops confirm", "no change waits for haops confirm")
        tell(
            "unfinished", unfinished?.run, old.unfinished?.run,
            unfinished?.sentence ?? "", "no run is unfinished")
        return changes
    }

    private func addressChanges(_ old: NodeSight) -> [SightChange] {
        Set(held.keys).union(old.held.keys).sorted().compactMap { vip in
            guard (held[vip] == nil) != (old.held[vip] == nil) else { return nil }
            let words =
                held[vip].map { "has \(vip) on \($0)" }
                ?? "no longer has \(vip)" + (old.held[vip].map { " (\($0))" } ?? "")
            return SightChange(
                kind: .address, address: vip, subject: held[vip] ?? old.held[vip],
                from: old.held[vip] == nil ? "absent" : "held", to: held[vip] == nil ? "absent" : "held",
                words: words)
        }
    }

    private func roleChanges(_ old: NodeSight) -> [SightChange] {
        Set(roles.keys).union(old.roles.keys).sorted().flatMap { name -> [SightChange] in
            guard let now = roles[name], let then = old.roles[name] else { return [] }
            var changes: [SightChange] = []
            if now.role != then.role {
                let isFault = now.role == .fault
                changes.append(
                    SightChange(
                        kind: .role, instance: name, from: then.role.rawValue, to: now.role.rawValue,
                        words: "\(name): \(now.role.rawValue), was \(then.role.rawValue)",
                        weight: isFault ? .bad : .plain))
            }
            if let priority = now.priority, let before = then.priority, priority != before {
                changes.append(
                    SightChange(
                        kind: .priority, instance: name, from: String(before), to: String(priority),
                        words: "\(name): priority \(priority), was \(before)",
                        weight: priority < before ? .warning : .plain))
            }
            return changes
        }
    }

    private func serviceChanges(_ old: NodeSight) -> [SightChange] {
        [("keepalived", keepalivedRuns, old.keepalivedRuns), ("haproxy", haproxyRuns, old.haproxyRuns)]
            .compactMap { name, now, then in
                guard let now, let then, now != then else { return nil }
                return SightChange(
                    kind: .service, subject: name, from: then ? "running" : "stopped",
                    to: now ? "running" : "stopped", words: "\(name) \(now ? "runs" : "does not run")",
                    weight: now ? .good : .bad)
            }
    }

    private func serverChanges(_ old: NodeSight) -> [SightChange] {
        guard !servers.isEmpty, !old.servers.isEmpty else { return [] }
        return Set(servers.keys).union(old.servers.keys).sorted().compactMap { name in
            // `UP 1/3` is on its way to DOWN, and still serves.
            let now = servers[name]?.split(separator: " ").first.map(String.init)
            let then = old.servers[name]?.split(separator: " ").first.map(String.init)
            guard now != then else { return nil }
            return SightChange(
                kind: .backend, subject: name, from: then, to: now,
                words: "server \(name) is \(now ?? "gone")" + (then.map { ", was \($0)" } ?? ", it is new"),
                weight: now == "UP" ? .good : now == "DOWN" ? .bad : .plain)
        }
    }

    private func checkChanges(_ old: NodeSight) -> [SightChange] {
        checks.sorted { $0.key < $1.key }.compactMap { name, isFailing in
            guard let isFailing, case .some(.some(let before)) = old.checks[name], isFailing != before else {
                return nil
            }
            return SightChange(
                kind: .check, subject: name, from: before ? "fails" : "succeeds",
                to: isFailing ? "fails" : "succeeds",
                words: "check \(name) \(isFailing ? "fails" : "succeeds")",
                weight: isFailing ? .bad : .good)
        }
    }

    private func linkChanges(_ old: NodeSight) -> [SightChange] {
        links.sorted { $0.key < $1.key }.compactMap { name, isUp in
            guard let before = old.links[name], before != isUp else { return nil }
            return SightChange(
                kind: .link, subject: name, from: before ? "up" : "down", to: isUp ? "up" : "down",
                words: "\(name): link \(isUp ? "up" : "down")", weight: isUp ? .good : .bad)
        }
    }
}
