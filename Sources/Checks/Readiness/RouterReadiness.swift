import Addresses
import Facts
import Keepalived

/// What would happen to one virtual router at each single failure, worked out from what its nodes say now. Pure.
struct RouterReadiness {
    let observation: ClusterObservation
    let router: VirtualRouter
    let owner: VirtualRouter.Member
    let forecast: ServiceForecast
    /// The nodes as they are now.
    let now: Election

    /// `nil` while not exactly one node owns all of its addresses.
    init?(_ router: VirtualRouter, in observation: ClusterObservation, ports: ServedPorts) {
        let owners = router.addresses.map { observation.verdict(on: $0)?.trueOwner }
        guard let first = owners.first, let id = first, owners.allSatisfy({ $0 == id }),
            let owner = router.masters.first(where: { $0.node.id == id }), router.masters.count == 1
        else { return nil }
        self.observation = observation
        self.router = router
        self.owner = owner
        forecast = ServiceForecast(observation, router, ports: ports)
        var now = Election(
            contenders: router.members.map { Self.contender($0, of: router) }, heard: owner.timers)
        now.lost = Self.lostWays(router)
        self.now = now
    }

    private static func contender(_ member: VirtualRouter.Member, of router: VirtualRouter)
        -> Election.Contender
    {
        let state: Election.Contender.State =
            switch member.after?.role {
            case _ where !member.node.isReachable || member.node.daemon?.isRunning != true: .absent
            case .master: .master
            case .backup, .initial: .backup
            case .fault: .fault
            case nil: .absent
            }
        return Election.Contender(
            name: member.name, state: state,
            priority: member.after?.effectivePriority ?? member.outcome(failing: []).priority ?? 0,
            source: member.source(besides: router.addresses), timers: member.timers)
    }

    /// Adverts that a packet filter certainly drops already, unnoticed as long as the other one is MASTER.
    private static func lostWays(_ router: VirtualRouter) -> Set<Election.Way> {
        func drops(_ member: VirtualRouter.Member, _ hook: PacketFilter.Hook) -> Bool {
            AdvertFilter(router: router, member: member).obstacle(hook) != nil
        }
        var lost: Set<Election.Way> = []
        for member in router.members {
            let (isDeaf, isMute) = (drops(member, .input), drops(member, .output))
            for other in router.nodes where other != member.name {
                if isDeaf { lost.insert(Election.Way(other, member.name)) }
                if isMute { lost.insert(Election.Way(member.name, other)) }
            }
        }
        return lost
    }

    /// The other nodes, the next owner first where one can be told.
    var others: [VirtualRouter.Member] { router.members.filter { $0.name != owner.name } }

    /// Who takes over when the owner is gone; `nil` when nobody does.
    var successor: VirtualRouter.Member? {
        var gone = now
        gone[owner.name]?.state = .absent
        _ = gone.settle(.kill)
        return others.first { gone.masters.contains($0.name) }
    }

    // MARK: - Rows

    var rows: [ReadinessRow] {
        let lead = [stopped, killed, crashed([owner])] + others.map { crashed([$0]) }
        let links = owner.carryingInterfaces.map(interfaceDown) + (advertInterfaceDown.map { [$0] } ?? [])
        var adverts = [advertsLost(.advertsOut, owner), advertsLost(.advertsIn, owner)]
        adverts += [advertsLost(.advertsBoth, owner)]
        // What a deaf successor does is not the same where there are more than two.
        if others.count > 1, let successor { adverts.append(advertsLost(.advertsIn, successor)) }
        let checks = failing(on: owner) + (successor.map(failing) ?? [])
        let service = [proxyEnds, serversGone].compactMap(\.self)
        return lead + links + adverts + checks + service + pairs
    }

    private var pairs: [ReadinessRow] {
        guard router.members.count > 2 else { return [] }
        return router.members.indices.flatMap { first in
            router.members.indices.filter { $0 > first }.map { second in
                crashed([router.members[first], router.members[second]])
            }
        }
    }

    private var stopped: ReadinessRow {
        var after = now
        after[owner.name]?.state = .absent
        let takeover = after.settle(.stop)
        var row = ReadinessRow(.stop, of: [owner.name])
        row.takeover = takeover
        row.silence = takeover
        return concluded(row, after, returning: starting([owner]))
    }

    private func crashed(_ members: [VirtualRouter.Member]) -> ReadinessRow {
        var after = now
        for member in members { after[member.name]?.state = .absent }
        let takeover = after.settle(.kill)
        var row = ReadinessRow(.crash, of: members.map(\.name))
        row.takeover = takeover
        row.silence = members.contains { $0.name == owner.name } ? takeover : OutagePrediction.none
        return concluded(row, after, returning: starting(members))
    }

    /// How long keepalived takes at most from its start until it removes the addresses that it finds. Measured with 2.2.7: 0.1 s
    /// on an idle machine, 0.8 s on a busy one.
    private static let start = Duration.seconds(1)

    /// Killed, keepalived leaves its addresses on the machine, which goes on serving them. Where its unit starts it again,
    /// that removes them, and the nodes elect.
    private var killed: ReadinessRow {
        var row = ReadinessRow(.kill, of: [owner.name])
        let policy = owner.node.after?.known(ServiceRestartFact.self)?["keepalived"]
        if let policy {
            row.evidence.append(
                Evidence(.daemon, on: owner.name, "keepalived.service has Restart=\(policy.word)"))
        }
        guard let policy, policy.startsKilled else {
            var after = now
            after[owner.name]?.state = .absent
            row.takeover = after.settle(.kill)
            row.silence = OutagePrediction.none
            row.leftovers = [owner.name]
            row.reasons.append("nothing removes the addresses from \(owner.name), or starts keepalived there")
            row.fix =
                "on every node: systemctl edit keepalived, with Restart=on-failure in its section [Service]: keepalived removes what it left when it starts again"
            return concluded(row, after, returning: starting([owner]))
        }
        var after = now
        after[owner.name]?.state = .backup
        let pause = OutagePrediction(shortest: policy.delay, longest: policy.delay + Self.start)
        row.takeover = after.settle(.kill, starting: [owner.name: pause])
        // It serves on until keepalived has started and removes what it finds.
        row.silence = row.takeover.map {
            OutagePrediction(
                shortest: max(.zero, $0.shortest - pause.longest),
                longest: max(.zero, $0.longest - pause.shortest))
        }
        return concluded(row, after, returning: [:])
    }

    private func interfaceDown(_ name: String) -> ReadinessRow {
        var row = ReadinessRow(.interface, of: [owner.name], subject: name)
        var after = now
        let carriesAdverts = name == owner.interface
        if carriesAdverts { after.cut(owner.name, from: router.nodes, .both) }
        let reference = owner.trackedObjects.first { $0.kind == .interface && $0.name == name }
        if owner.faultingInterfaces.contains(name) {
            after[owner.name]?.state = .fault
            // Where the adverts travel on it, nobody is told.
            row.takeover = after.settle(carriesAdverts ? .kill : .stop)
            row.silence = row.takeover
        } else {
            if let reference, let priority = owner.outcome(failing: [reference.name]).priority {
                after[owner.name]?.priority = priority
            }
            row.takeover = after.settle(.kill)
            row.silence = row.takeover
            row.reasons.append("\(owner.title) on \(owner.name) does not track \(name)")
            row.fix = "let \(owner.title) track \(name): track_interface { \(name) }, without a weight"
        }
        // What is held on an interface without a link is reached by nobody.
        let isWhole = owner.carryingInterfaces == [name]
        return concluded(
            row, after, returning: starting([owner]), unreachable: isWhole ? [owner.name] : [],
            isServiceGone: true)
    }

    /// `nil` where the adverts travel on the interface of the addresses.
    private var advertInterfaceDown: ReadinessRow? {
        guard !owner.interface.isEmpty, !owner.carryingInterfaces.contains(owner.interface) else {
            return nil
        }
        var row = ReadinessRow(.advertInterface, of: [owner.name], subject: owner.interface)
        var after = now
        after.cut(owner.name, from: router.nodes, .both)
        if owner.faultingInterfaces.contains(owner.interface) { after[owner.name]?.state = .fault }
        row.takeover = after.settle(.kill)
        row.silence = row.takeover
        if after[owner.name]?.state == .master {
            row.reasons.append("`dont_track_primary`: \(owner.name) stays MASTER without its adverts")
            row.fix = "take dont_track_primary out of \(owner.title) on \(owner.name)"
        }
        return concluded(row, after, returning: starting([owner]))
    }

    private func advertsLost(_ failure: FailureCase, _ member: VirtualRouter.Member) -> ReadinessRow {
        var row = ReadinessRow(failure, of: [member.name])
        var after = now
        let direction: Election.Direction =
            switch failure {
            case .advertsIn: .inward
            case .advertsOut: .outward
            default: .both
            }
        after.cut(member.name, from: router.nodes, direction)
        row.takeover = after.settle(.kill)
        row.silence = OutagePrediction.none
        if after.masters.count > 1 {
            let carriers = owner.carryingInterfaces
            row.reasons.append(
                carriers.contains(owner.interface)
                    ? "who hears no adverts takes the addresses: VRRP has no third vote"
                    : "the adverts travel on \(owner.interface) and the addresses are on \(carriers.joined(separator: ", ")): clients still reach both nodes, and no link is lost that could tell either of them"
            )
            row.fix =
                carriers.contains(owner.interface)
                ? "nothing in keepalived mends it: let `haops who --nagios` watch for it; where that is enough, accept it: haops ready --accept \(failure.rawValue)"
                : "let the adverts travel where the clients are: interface \(carriers[0]) in \(owner.title) on every node"
        }
        return concluded(row, after, returning: [:])
    }

    // MARK: - Checks

    private func failing(on member: VirtualRouter.Member) -> [ReadinessRow] {
        let interfaces = member.carryingInterfaces + [member.interface]
        let now = member.failingObjects
        return member.trackedObjects.filter { object in
            // Those have rows of their own, and what fails already shows in the priorities of now.
            !(object.kind == .interface && interfaces.contains(object.name)) && !now.contains(object.name)
        }.map { fails($0, on: member) }
    }

    private func fails(_ object: TrackedObject, on member: VirtualRouter.Member) -> ReadinessRow {
        var row = ReadinessRow(.checkFails, of: [member.name], subject: object.name)
        row.evidence = [member.evidence(at: object.reference.location)].compactMap(\.self)
        let (after, takeover) = election(failing: [object.name], on: member)
        row.takeover = takeover.map { member.detection(of: object) + $0 }
        row.silence =
            after[member.name]?.state == .fault && member.name == owner.name
            ? takeover : OutagePrediction.none
        if member.name == owner.name, after.masters == [owner.name] {
            // Small weights may be meant to move the addresses together.
            let all = Set(member.trackedObjects.map(\.name))
            let sight = CheckSight(object, on: member)
            let together = election(failing: all, on: member).after
            if together.masters == [owner.name] || sight == .process {
                stays(&row, object, on: member, after)
                return concluded(row, after, returning: [:], isServiceGone: true)
            }
        }
        return concluded(
            row, after,
            returning: after[member.name]?.state == .fault
                ? starting([member], member.recovery(of: object)) : [:],
            delays: [member.name: member.recovery(of: object)])
    }

    /// The election after some objects of a member have failed, and how long it takes from when they count.
    private func election(failing names: Set<String>, on member: VirtualRouter.Member)
        -> (after: Election, takeover: OutagePrediction?)
    {
        var after = now
        let takeover: OutagePrediction?
        switch member.outcome(failing: names) {
        case .fault:
            after[member.name]?.state = .fault
            takeover = after.settle(.stop)
        case .priority(let priority):
            after[member.name]?.priority = priority
            takeover = after.settle(.kill)
        }
        return (after, takeover)
    }

    /// Says why a failing object moves nothing.
    private func stays(
        _ row: inout ReadinessRow, _ object: TrackedObject, on member: VirtualRouter.Member, _ after: Election
    ) {
        let left = after[member.name]?.priority ?? 0
        let rivals = after.contenders.filter { $0.state == .backup }
        guard let best = rivals.max(by: { $0.priority < $1.priority }) else {
            row.reasons.append("no other node could take over")
            return
        }
        let base = now[member.name]?.priority ?? left
        row.reasons.append(
            "with `\(object.name)` failing \(member.name) has priority \(left), and \(best.name) has \(best.priority)"
                + (best.timers.preempts ? "" : " and nopreempt"))
        if member.instance?.isOwner == true {
            row.fix = "give \(owner.title) a priority of 254 or less on \(member.name)"
        } else if left < best.priority {
            row.fix = "with nopreempt track `\(object.name)` without a weight: its failure means FAULT then"
        } else {
            let distance = max(1, base - best.priority)
            row.fix =
                "make the weight of `\(object.name)` larger than \(distance), for example \(object.reference.weight < 0 ? "-" : "")\(distance + 10), or leave it out"
        }
    }

    // MARK: - haproxy and what is behind it

    private var proxyEnds: ReadinessRow? {
        guard forecast.isExpected, observation.isProxyRunning(on: owner.node) else { return nil }
        return serviceFails(.haproxy) { $0 == .process }
    }

    private var serversGone: ReadinessRow? {
        guard forecast.isExpected, forecast.hasBackends(owner.node) else { return nil }
        return serviceFails(.backend) { _ in false }
    }

    /// The service fails on the owner, and those checks fail that see it.
    private func serviceFails(_ failure: FailureCase, sees: (CheckSight) -> Bool) -> ReadinessRow {
        var row = ReadinessRow(failure, of: [owner.name])
        let objects = owner.trackedObjects.filter { !owner.failingObjects.contains($0.name) }
        let seeing = objects.filter { sees(CheckSight($0, on: owner)) }
        let unsure = objects.filter { CheckSight($0, on: owner) == .unknown }
        let certain = election(failing: Set(seeing.map(\.name)), on: owner)
        row.evidence = (seeing + unsure).compactMap { owner.evidence(at: $0.reference.location) }
        if certain.after.masters != [owner.name] {
            let detection = seeing.map(owner.detection).min { $0.longest < $1.longest } ?? .none
            row.takeover = certain.takeover.map { detection + $0 }
            row.silence = row.takeover
            let delays = seeing.map(owner.recovery).max { $0.longest < $1.longest }
            return concluded(
                row, certain.after,
                returning: certain.after[owner.name]?.state == .fault ? [owner.name: delays ?? .none] : [:],
                delays: [owner.name: delays ?? .none], isServiceGone: true)
        }
        let possible = election(failing: Set((seeing + unsure).map(\.name)), on: owner)
        if !unsure.isEmpty, possible.after.masters != [owner.name] {
            row.verdict = .notProvable
            row.owners = [owner.name]
            row.reasons.append(
                "what \(joined(unsure.map { "`\($0.name)`" })) tests is not known by reading it")
            row.fix =
                "haops drill \(failure.rawValue) --node \(owner.name), at a quiet hour"
            return row
        }
        if let check = seeing.first ?? unsure.first {
            stays(&row, check, on: owner, possible.after)
        } else {
            row.reasons.append("\(owner.title) on \(owner.name) tracks nothing that sees it")
            row.fix =
                failure == .haproxy
                ? "track haproxy: vrrp_script with /usr/bin/pgrep -x haproxy, or a request to the service, without a weight"
                : "track the service: a `monitor-uri` of haproxy with `monitor fail if { nbsrv(BACKEND) lt 1 }`, asked by a vrrp_script; where all balancers share their servers, accept it: haops ready --accept backend"
        }
        return concluded(row, certain.after, returning: [:], isServiceGone: true)
    }
}
