import Addresses
import Facts
import Keepalived

/// The adverts of a router's id that come from a machine that was not asked.
struct ForeignAdverts {
    let router: VirtualRouter
    /// Who hears what.
    let heard: [(hearer: VirtualRouter.Member, advert: Capture.Advert)]

    /// `nil` when nobody hears a stranger, or when the sender may be a node that does not answer.
    init?(to router: VirtualRouter, in observation: ClusterObservation) {
        guard observation.nodes.allSatisfy(\.isReachable) else { return nil }
        // An address that a node's own file names is its own, also where it is missing.
        let configured = observation.reachable.flatMap { $0.configuration?.instances ?? [] }
            .compactMap { $0.sourceAddress?.value }
        let own = Set(observation.reachable.flatMap(\.interfaces).flatMap(\.addresses).map(\.cidr.address))
            .union(configured)
        let all = router.members.flatMap { member in
            member.incoming.filter {
                !own.contains($0.source) && ($0.interface ?? member.interface) == member.interface
            }.map { (member, $0) }
        }
        guard !all.isEmpty else { return nil }
        self.router = router
        heard = all
    }

    private init(_ router: VirtualRouter, _ heard: [(hearer: VirtualRouter.Member, advert: Capture.Advert)]) {
        self.router = router
        self.heard = heard
    }

    /// Those for addresses of this router, or from a machine that its files list as a peer: another node of it.
    var ofThisRouter: ForeignAdverts? { filtered { isOfThisRouter($0) } }
    var ofOthers: ForeignAdverts? { filtered { !isOfThisRouter($0) } }

    private func filtered(_ isWanted: (Capture.Advert) -> Bool) -> ForeignAdverts? {
        let wanted = heard.filter { isWanted($0.advert) }
        return wanted.isEmpty ? nil : ForeignAdverts(router, wanted)
    }

    private func isOfThisRouter(_ advert: Capture.Advert) -> Bool {
        !router.addresses.isDisjoint(with: advert.addresses)
            || router.configured.contains {
                $0.instance.unicastPeers.contains { $0.address == advert.source }
            }
    }

    var sources: [IPAddress] { Set(heard.map(\.advert.source)).sorted() }

    var evidence: [Evidence] {
        heard.map { hearer, advert in
            let addresses =
                advert.addresses.isEmpty ? "" : " for \(joined(advert.addresses.map(\.description)))"
            return Evidence(
                .capture, on: hearer.name,
                "tcpdump sees router \(advert.routerID), priority \(advert.priority), from \(advert.source)\(addresses)"
            )
        }
    }

    /// Whether nodes accept these adverts and stay BACKUP while they come. A BACKUP of 1.x does so even if it refuses them.
    var isObeyed: Bool {
        router.masters.isEmpty
            && heard.contains { hearer, advert in
                guard let own = hearer.after, own.role == .backup else { return false }
                guard hearer.node.version.dropsDisagreeingAdverts else { return true }
                return hearer.received != 0
                    && (own.nopreempt || own.effectivePriority.map { advert.priority >= $0 } == true)
            }
    }
}
