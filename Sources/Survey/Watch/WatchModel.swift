import Addresses
package import Checks
package import Events
import Facts
package import Inventory
import Keepalived
package import Remote

/// What is known of a watched fleet at every moment, and what changed. Pure: news in, state and events out.
///
/// The facts of the first look are kept up to date by what the nodes tell, and every verdict comes from the same function
/// that `who` uses. What a node was not heard of is unknown.
package struct WatchModel: Sendable {
    package enum Hearing: Sendable {
        /// It has not been asked, or its stream has not begun.
        case notYet
        case heard
        case silent(RemoteError)
    }

    package struct NodeState: Sendable {
        package let id: HostID
        package internal(set) var hearing = Hearing.notYet
        package internal(set) var hearingSince: UTCTime
        package internal(set) var sight = NodeSight()
        /// Since when an instance has had its role, as far as that is known.
        package internal(set) var roleSince: [String: UTCTime] = [:]
        package internal(set) var facts: ProbeResult?
        /// When the look began that the facts are from.
        package internal(set) var factsBegan = UTCTime(millisecondsSince1970: 0)
        var lastNews = UTCTime(millisecondsSince1970: 0)
        /// When something was said last, by its words.
        var said: [String: UTCTime] = [:]

        package var isHeard: Bool { if case .heard = hearing { true } else { false } }
        package var silence: RemoteError? {
            if case .silent(let error) = hearing { return error }
            if case .failure(let error)? = facts?.onAddresses { return error }
            return nil
        }
        /// What verdicts are based on.
        var result: ProbeResult? {
            if case .silent(let error) = hearing { return .failure(error) }
            return facts
        }
    }

    package struct Shown: Sendable {
        package var ownership: VIPOwnership
        /// Since when verdict and owner are so, as far as that is known.
        package var since: UTCTime?
    }

    package struct ClusterState: Sendable {
        package let cluster: Cluster
        /// In the order of the inventory.
        package internal(set) var shown: [Shown] = []
        package internal(set) var lookedAt: UTCTime?
        var questions: [VIPQuestion] = []
        var observers: [(HostID, ProbeResult)] = []
        /// The verdicts by what is known now; they are shown once they have settled.
        var judged: [VIPOwnership] = []
        /// When the first of the changes happened that are not settled.
        var cause: UTCTime?
        /// When the first and the last of them were seen.
        var firstSeen: UTCTime?
        var lastSeen: UTCTime?
        /// The addresses that no node has had meanwhile: since when, and until when.
        var gaps: [IPAddress: (from: UTCTime, to: UTCTime?)] = [:]
        var lookDue: UTCTime?
        var lookBegan: UTCTime?

        /// Whether something has changed on its nodes, and the verdicts on it are not settled.
        package var isChanging: Bool { cause != nil && !shown.isEmpty }

        package var isWell: Bool {
            !shown.isEmpty && shown.allSatisfy { $0.ownership.verdict == .owned }
        }
    }

    package internal(set) var clusters: [ClusterState]
    package internal(set) var nodes: [HostID: NodeState]
    private var clusterOfNode: [HostID: Int] = [:]

    /// From a change to the look that confirms it. Milliseconds.
    private static let lookDelay = 400
    /// After this time a look counts as lost. Milliseconds.
    private static let longestLook = 120_000
    /// Between two looks at what no stream tells the end of, and at other problems. Milliseconds.
    fileprivate static let (unheardInterval, problemInterval) = (5_000, 60_000)
    /// The most looks at once, and how many of them may be at problems that nothing was heard of.
    private static let (mostLooks, mostIdleLooks) = (8, 2)

    package init(fleet: Fleet, at now: UTCTime) {
        clusters = fleet.clusters.map { ClusterState(cluster: $0) }
        nodes = [:]
        for (index, cluster) in fleet.clusters.enumerated() {
            for node in cluster.nodes {
                nodes[node.id] = NodeState(id: node.id, hearingSince: now)
                clusterOfNode[node.id] = index
            }
        }
    }

    package var ownerships: [VIPOwnership] { clusters.flatMap { $0.shown.map(\.ownership) } }

    /// Whether every node has answered and is heard.
    package var isComplete: Bool { nodes.values.allSatisfy { $0.silence == nil && $0.facts != nil } }

    // MARK: - News

    package mutating func apply(_ news: WatchNews, at now: UTCTime) -> [WatchEvent] {
        switch news {
        case .heard(let host): return hear(host, at: now)
        case .silent(let host, let error): return lose(host, error, at: now)
        case .told(let event):
            let time = UTCTime(millisecondsSince1970: event.time / 1000)
            guard let node = nodes[event.host], time >= node.factsBegan else { return [] }
            // Without a time of its own it happened just now.
            let changes = change(event.host, at: event.time == 0 ? now : min(time, now), seen: now) {
                $0.apply(event.kind)
            }
            if case .log(let kind) = event.kind, LogRemark.isReasonToLook(kind),
                let index = clusterOfNode[event.host]
            {
                requestLook(at: index, now)
            }
            return changes.isEmpty ? remark(on: event, at: min(time, now), seen: now) : changes
        case .addresses(let host, let events):
            return change(host, at: now, seen: now) { $0.replaceAddresses(events) }
        case .servers(let host, let health):
            return change(host, at: now, seen: now) { $0.set(HAProxyHealthFact.self, to: health) }
        case .pending(let host):
            if let index = clusterOfNode[host] { requestLook(at: index, now) }
            return []
        case .looked(let outcomes, let began):
            return outcomes.flatMap { looked($0, began: began, at: now) }
        case .lost(let count):
            for index in clusters.indices { requestLook(at: index, now) }
            var event = WatchEvent(
                .log, at: now, seen: now, cluster: "",
                words: "news came too fast: \(count) were lost, and all clusters are looked at again")
            event.weight = .warning
            return [event]
        }
    }

    private mutating func hear(_ host: HostID, at now: UTCTime) -> [WatchEvent] {
        guard var node = nodes[host], !node.isHeard, let index = clusterOfNode[host] else { return [] }
        let wasSilent = if case .silent = node.hearing { true } else { false }
        let silence = now - node.hearingSince
        node.hearing = .heard
        node.hearingSince = now
        nodes[host] = node
        guard wasSilent else { return [] }
        disturb(index, at: now, seen: now)
        // What happened meanwhile was not told.
        requestLook(at: index, now)
        var event = self.event(.node, at: now, seen: now, host, "is heard again after \(silence.elapsed)")
        (event.from, event.to, event.weight) = ("silent", "heard", .good)
        return [event]
    }

    private mutating func lose(_ host: HostID, _ error: RemoteError, at now: UTCTime) -> [WatchEvent] {
        guard var node = nodes[host], let index = clusterOfNode[host] else { return [] }
        let isNew = if case .silent = node.hearing { false } else { true }
        node.hearing = .silent(error)
        if isNew { node.hearingSince = now }
        nodes[host] = node
        let isAlone = clusters[index].cause == nil
        disturb(index, at: now, seen: now)
        // Nothing more is to come of it.
        if isAlone { clusters[index].firstSeen = UTCTime(millisecondsSince1970: 0) }
        guard isNew else { return [] }
        var event = self.event(.node, at: now, seen: now, host, "is silent: \(error.detail)")
        (event.from, event.to, event.weight) = ("heard", "silent", .bad)
        return [event]
    }

    /// Changes a node's facts, and tells what is different then.
    private mutating func change(
        _ host: HostID, at time: UTCTime, seen now: UTCTime, _ body: (inout HostFacts) -> Void
    ) -> [WatchEvent] {
        guard case .success(var facts)? = nodes[host]?.facts else { return [] }
        body(&facts)
        nodes[host]?.facts = .success(facts)
        let changes = resee(host, at: time, seen: now)
        if !changes.isEmpty { nodes[host]?.lastNews = now }
        return changes
    }

    /// Compares what is known of a node now with what was shown of it.
    private mutating func resee(_ host: HostID, at time: UTCTime, seen now: UTCTime) -> [WatchEvent] {
        guard var node = nodes[host], let index = clusterOfNode[host], case .success(let facts)? = node.facts
        else { return [] }
        let sight = NodeSight(facts, vips: clusters[index].questions.map(\.vip))
        let changes = sight.changes(since: node.sight)
        for change in changes where change.kind == .role {
            if let instance = change.instance { node.roleSince[instance] = time }
        }
        node.sight = sight
        nodes[host] = node
        for change in changes where change.kind == .address {
            if let vip = change.address { noteGap(of: vip, index, at: time) }
        }
        if changes.contains(where: { [.address, .role, .service].contains($0.kind) }) {
            forgetAnswers(index)
            disturb(index, at: time, seen: now)
            requestLook(at: index, now)
        } else if !changes.isEmpty {
            disturb(index, at: time, seen: now)
        }
        return changes.map { change in
            var event = self.event(change.kind, at: time, seen: now, host, change.words)
            event.instance = change.instance
            event.addresses = change.address.map { [$0] } ?? []
            event.subject = change.subject
            (event.from, event.to, event.weight) = (change.from, change.to, change.weight)
            return event
        }
    }

    private mutating func noteGap(of vip: IPAddress, _ index: Int, at time: UTCTime) {
        let isHeld = clusters[index].cluster.nodes.contains { nodes[$0.id]?.sight.held[vip] != nil }
        let gap = clusters[index].gaps[vip]
        if !isHeld {
            clusters[index].gaps[vip] = (time, nil)
        } else if let gap, gap.to == nil {
            clusters[index].gaps[vip] = (gap.from, max(gap.from, time))
        }
    }

    /// What others were answered before an address moved says nothing of the time after it.
    private mutating func forgetAnswers(_ index: Int) {
        let obsolete: [any Fact] = [AnswerFact([], companions: [], patience: 0), NeighboursFact()]
        for node in clusters[index].cluster.nodes {
            guard case .success(let facts)? = nodes[node.id]?.facts else { continue }
            nodes[node.id]?.facts = .success(facts.without(obsolete))
        }
        clusters[index].observers = clusters[index].observers.map { host, result in
            (host, result.map { $0.without(obsolete) })
        }
    }

    private func event(
        _ kind: WatchEvent.Kind, at time: UTCTime, seen: UTCTime, _ host: HostID, _ words: String
    ) -> WatchEvent {
        let cluster = clusterOfNode[host].map { clusters[$0].cluster.name } ?? ""
        return WatchEvent(kind, at: time, seen: seen, cluster: cluster, node: host, words: words)
    }

    /// A log's line that no state shows; one that is repeated is told once.
    private mutating func remark(on told: WitnessEvent, at time: UTCTime, seen: UTCTime) -> [WatchEvent] {
        guard case .log(let kind) = told.kind, let words = LogRemark.words(kind, on: told.host) else {
            return []
        }
        let last = nodes[told.host]?.said.updateValue(time, forKey: words)
        if nodes[told.host]?.said.count ?? 0 > LogRemark.most { nodes[told.host]?.said = [words: time] }
        if let last, (time - last) < LogRemark.pause { return [] }
        return [event(.log, at: time, seen: seen, told.host, words)]
    }

    // MARK: - Looks

    private mutating func looked(
        _ outcome: OwnershipSurvey.Outcome, began: UTCTime, at now: UTCTime
    ) -> [WatchEvent] {
        guard let index = clusters.firstIndex(where: { $0.cluster.name == outcome.cluster.name }) else {
            return []
        }
        let isFirst = clusters[index].lookedAt == nil
        clusters[index].lookBegan = nil
        clusters[index].lookedAt = began
        clusters[index].observers = outcome.observers
        let found = outcome.ownerships.map {
            VIPQuestion(vip: $0.vip, cluster: $0.cluster, instance: $0.instance)
        }
        // Of an ad hoc cluster fewer addresses are known while nodes are silent.
        let kept = clusters[index].questions.filter { known in !found.contains { $0.vip == known.vip } }
        clusters[index].questions = found + (clusters[index].cluster.keepalived == nil ? kept : [])
        var events: [WatchEvent] = []
        var isOutdated = false
        for (host, result) in outcome.nodes {
            guard let node = nodes[host] else { continue }
            // What the node has told meanwhile is newer.
            if node.lastNews >= began, node.facts != nil {
                isOutdated = true
                continue
            }
            // A node that was silent during the look is known by its stream.
            if case .failure = result, node.isHeard, case .success? = node.facts { continue }
            nodes[host]?.facts = result.map { facts in
                var facts = facts
                if case .success(let earlier)? = node.facts { facts.keepDaemon(of: earlier) }
                return facts
            }
            nodes[host]?.factsBegan = began
            let changes = resee(host, at: now, seen: now)
            if isFirst { learnSince(host, result, at: now) } else { events += changes }
        }
        disturb(index, at: now, seen: now)
        clusters[index].lookDue = nil
        if isOutdated { requestLook(at: index, now) }
        if isFirst { clusters[index].firstSeen = UTCTime(millisecondsSince1970: 0) }
        return events
    }

    private mutating func learnSince(_ host: HostID, _ result: ProbeResult, at now: UTCTime) {
        guard let daemon = (try? result.get())?.known(KeepalivedFact.self), let clock = daemon.now else {
            return
        }
        for instance in daemon.state?.instances ?? [] {
            guard let transition = instance.lastTransition, transition <= clock else { continue }
            nodes[host]?.roleSince[instance.name] = UTCTime(
                millisecondsSince1970: now.millisecondsSince1970 - (clock - transition) * 1000)
        }
    }

    private mutating func requestLook(at index: Int, _ now: UTCTime) {
        guard clusters[index].lookDue == nil else { return }
        clusters[index].lookDue = now.adding(milliseconds: Self.lookDelay)
    }

    /// Asks for a look at a cluster as soon as possible.
    package mutating func requestLook(at cluster: String, at now: UTCTime) {
        for index in clusters.indices where clusters[index].cluster.name == cluster {
            clusters[index].lookDue = now
        }
    }

    /// The clusters to look at now, which count as begun. Nodes that are silent need not be asked.
    package mutating func looksToBegin(at now: UTCTime) -> [Cluster] {
        // A look that does not end must not keep others from beginning.
        func isLooking(_ state: ClusterState) -> Bool {
            state.lookBegan.map { now < $0.adding(milliseconds: Self.longestLook) } ?? false
        }
        var underWay = clusters.count(where: isLooking)
        var chosen: [Cluster] = []
        for index in clusters.indices where underWay < Self.mostLooks && !isLooking(clusters[index]) {
            let state = clusters[index]
            let isHeard = state.cluster.nodes.contains { nodes[$0.id]?.isHeard == true }
            guard let looked = state.lookedAt, isHeard else { continue }
            let isDue = state.lookDue.map { $0 <= now } ?? false
            let isIll = state.idleInterval.map { looked.adding(milliseconds: $0) <= now } ?? false
            guard isDue || isIll && underWay < Self.mostIdleLooks else { continue }
            clusters[index].lookBegan = now
            clusters[index].lookDue = nil
            underWay += 1
            chosen.append(state.cluster)
        }
        return chosen
    }

    /// The nodes that are not heard, with the reason.
    package var silences: [HostID: RemoteError] {
        nodes.compactMapValues { node in
            if case .silent(let error) = node.hearing { error } else { nil }
        }
    }
}

extension WatchModel.ClusterState {
    /// After how long a cluster is looked at again although nothing was heard of it, in milliseconds; `nil` for one that is
    /// well, or of which too little is known for a look to help.
    fileprivate var idleInterval: Int? {
        let verdicts = shown.map(\.ownership.verdict).filter(\.isBad)
        guard !verdicts.isEmpty else { return nil }
        // Kernels and daemons tell of the end of everything else.
        return verdicts.contains { [.dark, .contested, .staleARP].contains($0) }
            ? WatchModel.unheardInterval : WatchModel.problemInterval
    }
}

extension UTCTime {
    package func adding(milliseconds: Int) -> UTCTime {
        UTCTime(millisecondsSince1970: millisecondsSince1970 + milliseconds)
    }
}
