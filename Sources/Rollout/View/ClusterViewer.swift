import Addresses
import Checks
import Facts
import Inventory
import Keepalived
import Remote
import Rendering

/// Asks all nodes of a cluster at once and turns their answers into a ``ClusterView``.
struct ClusterViewer: Sendable {
    var transport: any Transport
    var cluster: Cluster

    /// The result of one observation.
    struct Look: Sendable {
        var view: ClusterView
        /// Each node's answer, in the cluster's order.
        var answers: [(node: Node, facts: Result<HostFacts, RemoteError>)]
        /// Nodes whose addresses are not known, and why.
        var unreachable: [HostID: RemoteError]
        var observers: [(HostID, ProbeResult)] = []
    }

    /// Asks every node and observer once.
    ///
    /// - `more`: facts for single nodes, in the same round trip.
    /// - `loggingIn`: nodes that are asked over a new login, which proves that logging in works.
    func look(
        asking more: [HostID: [any Fact]] = [:], loggingIn: Set<HostID> = []
    ) async -> Look {
        let transport = transport
        let nodes = cluster.nodes.map(\.target)
        let targets = nodes + cluster.observers.map(\.target)
        let gate = [any Fact].gate(ports: Set(cluster.binds.compactMap { Self.endpoint(of: $0)?.port }))
        let answers = await fanOut(over: targets, window: targets.count) { target in
            let probe = Probe((more[target.id] ?? []).completed(by: gate))
            return await transport.facts(of: target, probe, anew: loggingIn.contains(target.id))
        }
        var unreachable: [HostID: RemoteError] = [:]
        for (node, answer) in zip(cluster.nodes, answers) {
            if case .failure(let error) = answer.onAddresses { unreachable[node.id] = error }
        }
        let observers = Array(zip(cluster.observers.map(\.id), answers.dropFirst(cluster.nodes.count)))
        let view = Self.view(
            of: cluster, nodes: Array(zip(cluster.nodes.map(\.id), answers)), observers: observers)
        return Look(
            view: view, answers: zip(cluster.nodes, answers).map { (node: $0, facts: $1) },
            unreachable: unreachable, observers: observers)
    }

    /// An observation for a plan.
    ///
    /// - Throws: `InterruptedQuestion` when the run was interrupted meanwhile.
    func question(asking more: [HostID: [any Fact]] = [:]) async throws(InterruptedQuestion) -> Look {
        let look = await look(asking: more)
        try InterruptedQuestion.check(
            look.unreachable.sorted { $0.key < $1.key }.map {
                ($0.key, Result<Void, RemoteError>.failure($0.value))
            })
        return look
    }

    /// Turns the answers into what gates read. Pure.
    static func view(
        of cluster: Cluster, nodes: [(HostID, ProbeResult)], observers: [(HostID, ProbeResult)]
    ) -> ClusterView {
        var view = ClusterView(nodes: [:])
        for (node, probeResult) in nodes {
            switch probeResult.onAddresses {
            case .success(let facts): view.nodes[node] = nodeView(facts, cluster)
            case .failure(let error): view.silent[node] = error.description
            }
        }
        let machines = (nodes + observers).compactMap { host, probeResult in
            (try? probeResult.get()).map { (host.name, $0) }
        }
        view.own = OwnAddresses(of: cluster)
        view.own.add(
            machines,
            virtual: cluster.isLearned ? [] : Set(cluster.virtualAddresses.map(\.vip.cidr.address)))
        for (instance, vip) in cluster.virtualAddresses {
            let question = VIPQuestion(
                vip: vip.cidr.address, cluster: cluster.name, instance: instance.name)
            let judged = ownership(of: question, nodes: nodes, observers: observers)
            if judged.verdict == .staleARP {
                view.arpProblems.append(Problem("\(vip.cidr.address): \(judged.reason)"))
            }
        }
        return view
    }

    private static func nodeView(_ facts: HostFacts, _ cluster: Cluster) -> NodeView {
        let services = facts.known(ServicesFact.self) ?? [:]
        let daemon = facts.known(KeepalivedFact.self)
        let held = Set((facts.known(InterfacesFact.self) ?? []).flatMap { $0.addresses.map(\.cidr.address) })
        let virtual = Set(cluster.virtualAddresses.map(\.vip.cidr.address))
        let haproxy = facts.known(HAProxyFact.self)
        var view = NodeView(
            keepalivedRuns: daemon?.isRunning ?? services["keepalived"]?.isRunning ?? false,
            haproxyRuns: services["haproxy"]?.isRunning ?? false, holds: held.intersection(virtual),
            silentBinds: cluster.binds.filter { bind in
                guard let haproxy, let endpoint = Self.endpoint(of: bind) else { return false }
                return !haproxy.accepts(endpoint.address, port: endpoint.port)
            })
        view.unanswered = unanswered(facts)
        view.unread = Self.unread(facts)
        let own = facts.known(HaopsStateFact.self)
        view.follows = Set((own?.handovers ?? [:]).keys)
        view.overrides = (own?.handovers ?? [:]).filter { $0.value != 0 }
        for live in daemon?.state?.instances ?? [] {
            let name = configuredName(of: live, in: cluster)
            view.roles[name] = live.role
            view.priorities[name] = live.effectivePriority
            view.basePriorities[name] = live.basePriority
            view.heard[name] = live.counters
            // The notify script's file and the journal contain roles but no timers.
            if daemon?.roleSource == .daemon { view.timers[name] = LiveTimers(of: live) }
        }
        return view
    }

    /// The questions that a node could not answer: a fact that cannot be read says nothing about the node.
    private static func unanswered(_ facts: HostFacts) -> [NodeQuestion: String] {
        var unanswered: [NodeQuestion: String] = [:]
        func ask<F: Fact>(_ fact: F.Type, about questions: NodeQuestion...) {
            do {
                _ = try facts.value(of: fact)
            } catch {
                for question in questions { unanswered[question] = "\(error)" }
            }
        }
        ask(KeepalivedFact.self, about: .roles)
        ask(HAProxyFact.self, about: .listeners)
        ask(HaopsStateFact.self, about: .handovers)
        ask(ServicesFact.self, about: .haproxy)
        if let daemon = facts.known(KeepalivedFact.self) {
            if daemon.isRunning, daemon.state == nil {
                unanswered[.roles] = "it runs, but its state cannot be read"
            }
        } else {
            ask(ServicesFact.self, about: .keepalived)
        }
        return unanswered
    }

    /// Files on disk that a node's daemons do not run, a sentence each.
    private static func unread(_ facts: HostFacts) -> [String: String] {
        let keepalived = facts.known(ConfigurationFilesFact.self)?.mainPath ?? NodePaths.keepalivedConfig
        let haproxy = facts.known(HAProxyLoadFact.self)?.files.first?.path ?? NodePaths.haproxyConfig
        let states = [
            ("keepalived", keepalived, LoadedState.keepalived(on: facts)),
            ("haproxy", haproxy, LoadedState.haproxy(on: facts)),
        ]
        var unread: [String: String] = [:]
        for case (let daemon, let path, .no(let reasons)) in states {
            unread[daemon] =
                "\(daemon) has not taken `\(path)`, it still runs what it read before: "
                + String.shown(reasons.joined(separator: "; "))
        }
        return unread
    }

    /// The inventory's name of an instance. A node that haops did not write may use another name.
    private static func configuredName(of live: LiveState.Instance, in cluster: Cluster) -> String {
        let instances = cluster.keepalived?.instances ?? []
        if instances.contains(where: { $0.name == live.name }) { return live.name }
        let addresses = Set(live.addresses.compactMap { CIDR($0)?.address })
        return instances.first { instance in
            instance.addresses.contains { addresses.contains($0.cidr.address) }
        }?.name ?? live.name
    }

    /// Parses a bind such as `203.0.113.50:80`, `[2001:db8::50]:443 ssl …`, `*:8080`, `:80`. `nil` for what is not a
    /// TCP address, such as a socket's path or a range of ports, and for listeners in another network namespace.
    static func endpoint(of bind: String) -> (address: IPAddress?, port: Int)? {
        let words = bind.split(separator: " ")
        guard let first = words.first, !words.contains("namespace"), let colon = first.lastIndex(of: ":"),
            let port = Int(first[first.index(after: colon)...])
        else { return nil }
        var host = first[..<colon]
        for family in ["ipv4@", "ipv6@"] where host.hasPrefix(family) { host = host.dropFirst(family.count) }
        if host.isEmpty || host == "*" { return (nil, port) }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        guard let address = IPAddress(host) else { return nil }
        return (address == .v4(0) ? nil : address, port)
    }
}
