import Addresses
import Facts
import Keepalived

/// What follows from an election: the verdict, whether the new owner serves, and what happens when the failure ends.
extension RouterReadiness {
    /// Completes a row.
    ///
    /// - `after`: the nodes while the failure lasts.
    /// - `returning`: the nodes that begin anew when it ends, and after how long they do.
    /// - `delays`: how long the others take until they have their priorities again.
    /// - `unreachable`: nodes whose addresses nobody reaches, whatever their daemon says.
    /// - `isServiceGone`: whether the owner of today serves no more.
    func concluded(
        _ started: ReadinessRow, _ after: Election, returning: [String: OutagePrediction],
        delays: [String: OutagePrediction] = [:], unreachable: Set<String> = [], isServiceGone: Bool = false
    ) -> ReadinessRow {
        var row = started
        let others = after.masters.filter { !unreachable.contains($0) }
        row.owners = others.isEmpty ? after.masters : others
        row.verdict = verdict(row, isServiceGone: isServiceGone)
        if row.owners == [owner.name], isServiceGone {
            row.service = forecast.isExpected ? .no(row.reasons) : .addressOnly
        } else if let first = row.owners.first, let member = router.members.first(where: { $0.name == first })
        {
            row.service = forecast.service(of: member.node, insteadOf: owner.node)
        } else {
            row.service = .nobody
        }
        if row.verdict == .fine, case .no(let why) = row.service, let name = row.owners.first {
            row.verdict = .doesNotServe
            row.reasons += why
            row.fix = forecast.remedy(on: name)
        }
        if row.verdict == .nobody { explainNobody(&row) }
        let silent = observation.nodes.filter { !$0.isReachable }.map(\.name)
        if [.nobody, .noMove].contains(row.verdict), !silent.isEmpty {
            // Whoever did not answer may be the one that would take over.
            row.verdict = .notProvable
            row.reasons.append("\(joined(silent)) did not answer")
            row.fix = "haops ready again, once \(joined(silent)) answers"
            row.silence = nil
        }
        if [.nobody, .twoOwners, .noMove].contains(row.verdict) { row.silence = nil }
        if row.verdict == .fine { row.fix = "" }
        row.afterwards = afterwards(after, returning, delays)
        if case .severalOwners(let names) = row.afterwards, !row.verdict.isBad {
            row.verdict = .twoOwners
            row.reasons.append("\(joined(names)) do not hear each other when the failure has ended")
            row.fix = "haops doctor: a packet filter drops adverts already"
        }
        return row
    }

    private func verdict(_ row: ReadinessRow, isServiceGone: Bool) -> ReadinessRow.Verdict {
        if row.owners.isEmpty { return .nobody }
        if row.owners.count > 1 { return .twoOwners }
        if !row.leftovers.isEmpty { return .leftover }
        return isServiceGone && row.owners == [owner.name] ? .noMove : .fine
    }

    private func explainNobody(_ row: inout ReadinessRow) {
        let idle = others.filter { !row.nodes.contains($0.name) || row.failure == .checkFails }
            .filter { $0.name != owner.name }
        row.fix = "add a node to \(owner.title)"
        for member in idle {
            guard let state = now[member.name]?.state else { continue }
            switch state {
            case .absent:
                row.reasons.append("keepalived does not run on \(member.name)")
                row.fix = "systemctl start keepalived on \(member.name)"
            case .fault:
                row.reasons.append("\(member.name) is in FAULT")
                row.fix = "haops doctor says why \(owner.title) is in FAULT on \(member.name)"
            case .backup, .master: break
            }
        }
        if idle.isEmpty { row.reasons.append("no other node has \(owner.title)") }
    }

    /// What follows when the failure has ended and every node is as it is now, but for its role.
    private func afterwards(
        _ during: Election, _ returning: [String: OutagePrediction], _ delays: [String: OutagePrediction]
    ) -> ReadinessRow.Afterwards {
        var back = during
        back.lost = now.lost
        for contender in now.contenders {
            back[contender.name]?.priority = contender.priority
            guard returning[contender.name] != nil else { continue }
            // Whoever could not take over before cannot do so now.
            let isAble = contender.state == .master || contender.state == .backup
            back[contender.name]?.state = isAble ? .backup : contender.state
        }
        if let heard = during.masters.first.flatMap({ name in router.members.first { $0.name == name } }) {
            back.heard = heard.timers
        }
        let takeover = back.settle(.kill, starting: returning, delays: delays)
        if back.masters.count > 1 { return .severalOwners(back.masters) }
        guard let left = back.masters.first else { return .nobody }
        if during.masters.count > 1 { return .oneIsLeft(left) }
        if left == owner.name {
            guard during.masters != [owner.name] else { return .unchanged }
            return .goesBack(to: left, after: takeover ?? .none)
        }
        guard owner.timers.preempts else { return .stays(on: left, why: "nopreempt") }
        let own = now[owner.name]?.priority ?? 0
        let theirs = now[left]?.priority ?? 0
        return .stays(on: left, why: "priority \(own) is not above its \(theirs)")
    }

    /// Nodes whose instance becomes BACKUP anew when a failure ends.
    func starting(_ members: [VirtualRouter.Member], _ delay: OutagePrediction = .none)
        -> [String: OutagePrediction]
    {
        Dictionary(uniqueKeysWithValues: members.map { ($0.name, delay) })
    }
}

extension VirtualRouter.Member {
    /// The instance's name on this node.
    var title: String { instance?.name ?? after?.name ?? "the instance" }
}

extension Election {
    enum Direction { case inward, outward, both }

    /// Loses the adverts of one node.
    mutating func cut(_ name: String, from nodes: [String], _ direction: Direction) {
        for other in nodes where other != name {
            if direction != .outward { lost.insert(Way(other, name)) }
            if direction != .inward { lost.insert(Way(name, other)) }
        }
    }
}

extension ServiceForecast {
    /// What makes a node serve that does not.
    func remedy(on name: String) -> String {
        guard let node = observation.nodes.first(where: { $0.name == name }) else { return "haops doctor" }
        return observation.isProxyRunning(on: node)
            ? "haops doctor says why; then haops ready again" : "systemctl start haproxy on \(name)"
    }
}
