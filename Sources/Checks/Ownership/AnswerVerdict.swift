import Addresses
package import Facts
import Remote

/// Judges by what machines found out by asking whether an owned address is reached by others. Pure.
struct AnswerVerdict {
    var answer = VIPOwnership.Answer.notProbed
    var views: [VIPOwnership.AnswerView] = []
    /// What goes on after "lb1 holds it and claims MASTER", with its comma; `nil` where nothing is to be added.
    var reason: String?

    /// - `machines`: nodes and observers that answered.
    /// - `node`: whose link-layer address that is.
    init(
        on vip: IPAddress, owner: VIPOwnership.NodeView, machines: [(HostID, HostFacts)],
        node: (MACAddress) -> HostID?
    ) {
        for (host, facts) in machines {
            guard let all = facts.known(AnswerFact.self), let probe = all.answers[vip] else { continue }
            if probe.isHolder, host != owner.node {
                // It has the address where it answers nobody, or by now: then the answers are of another moment.
                guard facts.isQuiet(about: vip) else { return }
                continue
            }
            let speakers = probe.macs.sorted { $0.value < $1.value }.map {
                VIPOwnership.Speaker(mac: $0, node: node($0))
            }.filter { $0.node != nil || !facts.isRelay($0.mac, besides: vip) }
            views.append(
                VIPOwnership.AnswerView(
                    observer: host, isOwner: host == owner.node, probe: probe, speakers: speakers,
                    hearsSomebody: all.hearsSomebody(on: probe.interface)))
        }
        if let own = views.first(where: \.isOwner), !own.probe.isHolder {
            views = []
            return
        }
        judge(owner)
    }

    private mutating func judge(_ owner: VIPOwnership.NodeView) {
        let intruders = views.flatMap(\.speakers).filter { $0.node != owner.node }.uniqued()
        let asked = views.filter { !$0.isOwner && $0.hasAsked }
        if !intruders.isEmpty {
            answer = .contested
            let isAlone = !views.contains { view in view.speakers.contains { $0.node == owner.node } }
            let words = intruders.map { speaker in
                speaker.node.map { "\($0) (\(speaker.mac))" }
                    ?? "\(speaker.mac), which is none of the cluster's,"
            }
            reason =
                ", but \(joined(words)) answer\(intruders.count == 1 ? "s" : "") for it"
                + (isAlone && !asked.isEmpty ? ", and \(owner.node) does not" : "")
        } else if !asked.contains(where: \.isAnswered) {
            judgeSilence(owner, asked)
        } else {
            judgeService(owner, asked)
        }
    }

    private mutating func judgeSilence(
        _ owner: VIPOwnership.NodeView, _ asked: [VIPOwnership.AnswerView]
    ) {
        // Whoever hears nobody says nothing of the address: its own cable may be the broken one.
        let able = asked.filter { $0.hearsSomebody == true }
        let own = views.first(where: \.isOwner)
        if !able.isEmpty || !asked.isEmpty && owner.isWithoutCarrier {
            answer = .dark
            let who = joined((able.isEmpty ? asked : able).map(\.observer.name))
            reason =
                ", but nobody answers for it (\(who) asked)"
                + (owner.isWithoutCarrier ? ": \(owner.interface ?? "its interface") has no carrier" : "")
        } else if !asked.isEmpty, own?.hearsSomebody == false {
            answer = .unclear
            reason =
                ", but neither it nor \(joined(asked.map(\.observer.name))) hears anybody on the network of the address"
        } else if owner.isWithoutCarrier {
            answer = .dark
            reason = ", but \(owner.interface ?? "its interface") has no carrier"
        } else if let deaf = asked.first {
            reason =
                "; whether it answers is not known: \(deaf.observer) hears nobody on \(deaf.probe.interface ?? "its interface")"
        }
    }

    private mutating func judgeService(
        _ owner: VIPOwnership.NodeView, _ asked: [VIPOwnership.AnswerView]
    ) {
        answer = .answers
        let (bad, good) = asked.ports
        guard !bad.isEmpty else { return }
        let words = bad.sorted { $0.key < $1.key }.map { "port \($0.key) \($0.value.words)" }
        let askers = joined(asked.filter { !$0.probe.ports.isEmpty }.map(\.observer.name))
        let inside = views.first(where: \.isOwner)?.probe.ports.filter { bad[$0.key] != nil } ?? [:]
        let isServedInside = !inside.isEmpty && inside.values.allSatisfy(\.isGood)
        if good.isEmpty { answer = .dark }
        reason =
            ", but \(joined(words)) (\(askers) asked)"
            + (isServedInside ? "; from \(owner.node) itself it answers" : "")
    }
}

extension PortAnswer {
    /// What goes on after "port 80".
    package var words: String {
        switch self {
        case .answers: "answers"
        case .open: "accepts"
        case .mute: "accepts and never answers"
        case .refused: "refuses"
        case .silent: "is silent"
        }
    }
}

extension HostFacts {
    /// Whether a link-layer address also stands for other machines' addresses here: then the network answers for all of
    /// them, as those of some clouds do, and it is nobody's.
    fileprivate func isRelay(_ mac: MACAddress, besides vip: IPAddress) -> Bool {
        let others = (known(NeighboursFact.self) ?? []).filter { $0.mac == mac && $0.address != vip }
        return Set(others.filter { !$0.address.isLinkLocal }.map(\.address)).count >= 2
    }

    /// Whether it has an address where it answers nobody for it: on the loopback interface alone, with `arp_ignore`, or
    /// with IPv6, which answers for an interface's own addresses only.
    func isQuiet(about address: IPAddress) -> Bool {
        let holding = (known(InterfacesFact.self) ?? []).filter { interface in
            interface.addresses.contains { $0.cidr.address == address }
        }
        guard !holding.isEmpty, holding.allSatisfy({ $0.name == "lo" }) else { return false }
        return address.isIPv6 || known(ARPSettingsFact.self)?.keepsLoopbackQuiet == true
    }
}
