package import Events
import Keepalived

/// What the events amount to: each change of owner, in order.
package struct Story: Sendable {
    package private(set) var failovers: [Failover] = []
    /// Who owns each instance at the end of the logs, as far as they say.
    package private(set) var owners: [Owner] = []
    /// Who was MASTER when, by each node's own log.
    package private(set) var holds: [Hold] = []

    /// A stretch of time for which a node was MASTER of an instance.
    package struct Hold: Hashable, Sendable {
        package var cluster: String
        package var instance: String
        package var node: String
        /// `nil` where it began before the logs.
        package var start: UTCTime?
        /// `nil` where it went on at their end.
        package var end: UTCTime?
    }

    package struct Owner: Hashable, Sendable {
        package var cluster: String
        package var instance: String
        /// Empty when nobody has it, by these logs.
        package var nodes: [String]
    }

    /// - `events`: sorted by time, of all nodes.
    /// - `nodesByAddress`: the nodes' own addresses, by which adverts name them.
    package init(_ events: [TimelineEvent], nodesByAddress: [String: String] = [:]) {
        let ofClusters = Dictionary(grouping: events, by: \.cluster)
        for scope in Self.scopes(of: events) {
            let reader = InstanceStory(scope, ofClusters[scope.cluster] ?? [], nodesByAddress)
            failovers += reader.failovers
            holds += reader.holds
            owners.append(Owner(cluster: scope.cluster, instance: scope.instance, nodes: reader.owners))
        }
        failovers = failovers.enumerated().sorted {
            ($0.element.time, $0.offset) < ($1.element.time, $1.offset)
        }
        .map(\.element)
    }

    /// Leaves out what was over before a time.
    package mutating func drop(before since: UTCTime) { failovers.removeAll { $0.lastTime < since } }

    struct Scope: Hashable {
        var cluster: String
        var instance: String
    }

    private static func scopes(of events: [TimelineEvent]) -> [Scope] {
        var seen: Set<Scope> = []
        return events.compactMap { event in
            event.instance.map { Scope(cluster: event.cluster, instance: $0) }
        }.filter { seen.insert($0).inserted }
    }
}

/// The changes of owner of one instance.
private struct InstanceStory {
    private let scope: Story.Scope
    private let events: [TimelineEvent]
    private let causes: CauseSearch
    private var tenures: [Tenure] = []
    private var backups: [String: [(start: Int, end: Int?)]] = [:]
    /// Tenures after which it is known who had it, by their index.
    private var succeeded: Set<Int> = []
    private(set) var failovers: [Failover] = []
    private var addresses: [String] = []

    /// More than that are not named.
    private static let mostAddresses = 2
    /// How long a healthy BACKUP waits for adverts at most before it says so, in milliseconds: three intervals of a few
    /// seconds.
    private static let patience = 15_000
    /// How long a handover takes at most, in milliseconds.
    private static let handover = 300

    init(_ scope: Story.Scope, _ events: [TimelineEvent], _ nodesByAddress: [String: String]) {
        self.scope = scope
        self.events = events
        causes = CauseSearch(scope, events, nodesByAddress)
        var nodes: [String] = []
        var ends: [(node: String, index: Int)] = []
        for event in events where event.cluster == scope.cluster && !nodes.contains(event.node) {
            nodes.append(event.node)
        }
        for node in nodes {
            let reader = TenureReader(scope.instance, on: node, cluster: scope.cluster, events)
            tenures += reader.tenures
            backups[node] = reader.backups
            if let index = reader.possibleEnd { ends.append((node, index)) }
        }
        addresses = Self.addresses(of: scope, events)
        addOwnersSinceBeforeTheLogs(ends)
        addOwnersWithoutLogs()
        tenures.sort { ($0.start ?? -1) < ($1.start ?? -1) }
        for index in tenures.indices where tenures[index].node != nil && tenures[index].start != nil {
            take(index)
        }
        for index in tenures.indices where tenures[index].end != nil && !succeeded.contains(index) {
            lose(index)
        }
        findThoseThatStayedBackup()
    }

    /// One whose log breaks off counts up to the log's last word.
    var holds: [Story.Hold] {
        tenures.compactMap { tenure in
            tenure.node.map {
                Story.Hold(
                    cluster: scope.cluster, instance: scope.instance, node: $0,
                    start: tenure.start.map { events[$0].time }, end: tenure.endIndex.map { events[$0].time })
            }
        }
    }

    var owners: [String] {
        tenures.compactMap { tenure in tenure.end == nil ? tenure.node : nil }
    }

    /// The addresses that instances of this name announced, when a log has no more than one instance.
    private static func addresses(of scope: Story.Scope, _ events: [TimelineEvent]) -> [String] {
        var found: [String] = []
        for event in events where event.cluster == scope.cluster {
            guard case .keepalived(let journal) = event.kind, journal.subject == scope.instance,
                case .announced(let address, _) = journal.kind, !found.contains(address)
            else { continue }
            found.append(address)
        }
        return found.count <= mostAddresses ? found : []
    }

    // MARK: Owners without a log

    /// A node that gave the address up to a higher advert gave it to somebody: where no log is that one's, it is an owner
    /// without a log. So is who sends the adverts that a BACKUP hears for long.
    private mutating func addOwnersWithoutLogs() {
        for tenure in tenures {
            guard case .event(let end)? = tenure.end, let node = tenure.node,
                let advert = causes.higherAdvert(endingAt: end, on: node), !hasOwner(near: end, besides: node)
            else { continue }
            tenures.append(Tenure(node: nil, start: end, address: advert.from))
        }
        for (node, backups) in backups.sorted(by: { $0.key < $1.key }) {
            for backup in backups where isLong(backup) && !hasOwner(near: backup.start, besides: node) {
                let isKnown = tenures.contains {
                    $0.node == nil
                        && $0.start.map { abs(milliseconds($0) - milliseconds(backup.start)) < Self.patience }
                            ?? false
                }
                if !isKnown { tenures.append(Tenure(node: nil, start: backup.start)) }
            }
        }
    }

    /// A log may begin when its node has long been MASTER. Where it begins with the end of keepalived or with a fault, and
    /// another node takes the address shortly after that, the node had it.
    private mutating func addOwnersSinceBeforeTheLogs(_ ends: [(node: String, index: Int)]) {
        for (node, index) in ends.sorted(by: { $0.index < $1.index }) {
            let end = milliseconds(index)
            let isTaken = tenures.contains { tenure in
                guard tenure.node != node, let start = tenure.start.map(milliseconds) else { return false }
                return start >= end - 1000 && start <= end + Self.patience
            }
            let isOwned = tenures.contains { tenure in
                (tenure.start.map(milliseconds) ?? .min) < end - 1000
                    && (tenure.endIndex.map(milliseconds) ?? .max) >= end - 1000
            }
            if isTaken, !isOwned { tenures.append(Tenure(node: node, end: .event(index))) }
        }
    }

    private func hasOwner(near index: Int, besides node: String) -> Bool {
        let time = milliseconds(index)
        return tenures.contains { tenure in
            guard tenure.node != node, tenure.node != nil else { return false }
            let start = tenure.start.map(milliseconds) ?? .min
            let end = tenure.endIndex.map(milliseconds) ?? .max
            return start <= time + Self.patience && end >= time - 1000
        }
    }

    private func isLong(_ backup: (start: Int, end: Int?)) -> Bool {
        guard let end = backup.end else { return false }
        return milliseconds(end) - milliseconds(backup.start) > Self.patience
    }

    // MARK: Changes of owner

    /// The tenure began: from whom did it take the address?
    private mutating func take(_ index: Int) {
        guard let start = tenures[index].start, let node = tenures[index].node else { return }
        var failover = failover(.moved)
        failover.to = .node(node)
        failover.takenAt = Moment(events[start])
        failover.takenBecause = causes.takeover(at: start, on: node)
        let earlier = tenures.indices.filter {
            $0 != index && (tenures[$0].start ?? -1) < start && !isOver($0, longBefore: index)
        }
        let present = earlier.filter {
            tenures[$0].endIndex.map { $0 > start } ?? true && !isUnseen($0, by: start)
        }
        if let owner = present.last {
            join(owner, &failover, index)
        } else if let owner = earlier.max(by: { (tenures[$0].endIndex ?? 0) < (tenures[$1].endIndex ?? 0) }) {
            follow(owner, &failover, index)
        } else {
            failover.course = .first
            failover.silence = .unknown
        }
        failovers.append(failover)
    }

    /// Somebody else had it between the two: then it was not taken from that tenure.
    private func isOver(_ owner: Int, longBefore index: Int) -> Bool {
        succeeded.contains(owner)
            && !(tenures[owner].endIndex.map { $0 > tenures[index].start ?? 0 } ?? false)
    }

    private func isUnseen(_ owner: Int, by start: Int) -> Bool {
        guard case .unseen(let last, _)? = tenures[owner].end else { return false }
        return last < start
    }

    /// The address was free, or its owner was silent.
    private mutating func follow(_ owner: Int, _ failover: inout Failover, _ index: Int) {
        succeeded.insert(owner)
        failover.from = party(owner)
        describeLoss(of: owner, in: &failover)
        if tenures[owner].node == tenures[index].node { failover.course = .retaken }
        if case .event(let end)? = tenures[owner].end, let taken = failover.takenAt {
            let lost = Moment(events[end])
            failover.silence = .nobody(
                max(0, taken.time.millisecondsSince1970 - lost.time.millisecondsSince1970),
                precision: precision(lost, taken))
            failover.isHandover = isHandover(owner, failover.silence)
        } else {
            failover.silence = .unknown
        }
    }

    /// The address still had an owner, by that one's log or because it has none.
    private mutating func join(_ owner: Int, _ failover: inout Failover, _ index: Int) {
        failover.from = party(owner)
        guard tenures[owner].node != nil else {
            // Nobody knows when it ended.
            tenures[owner].end = tenures[index].start.map { .event($0) }
            succeeded.insert(owner)
            failover.silence = .unknown
            return
        }
        guard let taken = failover.takenAt else { return }
        let ownerEnd = tenures[owner].endIndex
        if case .event(let end)? = tenures[index].end, ownerEnd.map({ $0 > end }) ?? true {
            if ownerEnd == nil, isSilent(owner, after: taken, until: end, tenures[index].node) {
                return leaveOpen(owner, &failover)
            }
            failover.course = .twoOwners
            failover.lostAt = Moment(events[end])
            succeeded.insert(index)
            failover.causes = tenures[index].node.map { causes.loss(at: end, on: $0) } ?? []
            failover.silence = span(from: taken, to: Moment(events[end]))
        } else if let end = ownerEnd {
            succeeded.insert(owner)
            describeLoss(of: owner, in: &failover)
            failover.silence = span(from: taken, to: Moment(events[end]))
            failover.isHandover = isHandover(owner, failover.silence)
        } else {
            leaveOpen(owner, &failover)
        }
    }

    /// A MASTER steps back when it hears a higher advert, which a new one sends at once.
    private func isHandover(_ owner: Int, _ silence: Failover.Silence) -> Bool {
        guard case .event(let end)? = tenures[owner].end, let node = tenures[owner].node,
            causes.higherAdvert(endingAt: end, on: node) != nil
        else { return false }
        switch silence {
        case .nobody(let milliseconds, let precision), .both(let milliseconds, let precision):
            return milliseconds <= Self.handover + precision
        case .unknown: return false
        }
    }

    private func span(from start: Moment, to end: Moment) -> Failover.Silence {
        .both(
            max(0, end.time.millisecondsSince1970 - start.time.millisecondsSince1970),
            precision: precision(start, end))
    }

    /// The owner's log has no word of a loss: it fell silent, or both had it.
    private mutating func leaveOpen(_ owner: Int, _ failover: inout Failover) {
        succeeded.insert(owner)
        failover.silence = .unknown
        guard let node = tenures[owner].node else { return }
        let last = events.last { $0.node == node && $0.cluster == scope.cluster }
        let isOver = last.map { last in failover.takenAt.map { last.time < $0.time } ?? false } ?? false
        failover.remarks.append(
            isOver
                ? "the log of \(node) ends before that, so that it fell silent, or both have it"
                : "the log of \(node) does not say that it gave it up, so that both may have it")
    }

    /// Whether nothing shows that an owner was there after a moment: no line of its own, and no advert for which the other
    /// one stepped back.
    private func isSilent(_ owner: Int, after moment: Moment, until end: Int, _ node: String?) -> Bool {
        if let node, let advert = causes.higherAdvert(endingAt: end, on: node),
            causes.name(of: advert.from).map({ $0 == tenures[owner].node }) ?? true
        {
            return false
        }
        return isWithoutWords(owner, after: moment, until: end)
    }

    private func isWithoutWords(_ owner: Int, after moment: Moment, until end: Int) -> Bool {
        !events[...end].contains { $0.node == tenures[owner].node && $0.time >= moment.time }
            && !events[end...].contains { $0.node == tenures[owner].node }
    }

    /// A tenure ended, and no log shows who came after it.
    private mutating func lose(_ index: Int) {
        guard tenures[index].node != nil, let end = tenures[index].endIndex else { return }
        var failover = failover(.lost)
        failover.from = party(index)
        describeLoss(of: index, in: &failover)
        failover.silence = .unknown
        if let next = tenures.indices.first(where: { tenures[$0].node == nil && tenures[$0].start == end }) {
            failover.course = .moved
            failover.to = party(next)
            // Its adverts arrived, so that it was there.
            failover.isHandover =
                tenures[index].node.flatMap { causes.higherAdvert(endingAt: end, on: $0) } != nil
        }
        failovers.append(failover)
    }

    private func describeLoss(of owner: Int, in failover: inout Failover) {
        guard let node = tenures[owner].node else { return }
        switch tenures[owner].end {
        case .event(let end):
            failover.lostAt = Moment(events[end])
            failover.causes = causes.loss(at: end, on: node)
            if causes.leavesAddressBehind(at: end, on: node) {
                failover.remarks.append(
                    "the address may have stayed on \(node): its log does not show that it was removed")
            }
        case .unseen(let last, let next):
            failover.lastSeen = Moment(events[last])
            failover.causes = causes.silence(from: last, to: next, on: node)
        case nil: break
        }
    }

    // MARK: Who does not take it back

    /// A node that had lost the address and is BACKUP for long, while somebody else has it.
    private mutating func findThoseThatStayedBackup() {
        for tenure in tenures {
            guard let node = tenure.node, case .event(let end)? = tenure.end,
                causes.higherAdvert(endingAt: end, on: node) == nil,
                let backup = backups[node]?.first(where: { $0.start > end }),
                !tenures.contains(where: {
                    $0.node == node && ($0.start ?? -1) > end && ($0.start ?? -1) < backup.start
                }),
                backup.end == nil || isLong(backup)
            else { continue }
            let owner = tenures.indices.last {
                tenures[$0].node != node && (tenures[$0].start ?? -1) <= backup.start
                    && (tenures[$0].endIndex.map { $0 > backup.start } ?? true)
            }
            guard let owner else { continue }
            var failover = failover(.notTakenBack)
            failover.from = party(owner)
            failover.to = .node(node)
            failover.takenAt = Moment(events[backup.start])
            failover.silence = .unknown
            failovers.append(failover)
        }
    }

    private func failover(_ course: Failover.Course) -> Failover {
        Failover(
            cluster: scope.cluster, instance: scope.instance, addresses: addresses, course: course,
            silence: .unknown)
    }

    private func party(_ index: Int) -> Failover.Party {
        tenures[index].node.map { .node($0) } ?? .elsewhere(address: tenures[index].address)
    }

    private func milliseconds(_ index: Int) -> Int { events[index].time.millisecondsSince1970 }

    private func precision(_ one: Moment, _ other: Moment) -> Int { one.precision + other.precision }
}
