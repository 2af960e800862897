import Addresses
import Keepalived

/// A node does not send its adverts to another node of its virtual router.
///
/// Condition: `unicast_peer` of one node does not list the address that another one sends from.
/// Why: a node that is not listed receives no adverts and becomes MASTER. If only one direction is missing, one
/// MASTER receives the other's adverts and the other receives none.
/// Remedy: list the source address of every other node on every node.
struct UnicastPeers: Cause {
    static let id = DoctorID.unicastPeers

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.routers.compactMap { router -> Diagnosis? in
            guard router.configured.allSatisfy(\.instance.isUnicast) else { return nil }
            let virtual = router.addresses
            var gaps: [(from: VirtualRouter.Member, to: VirtualRouter.Member, source: IPAddress)] = []
            for (sender, instance) in router.configured {
                let peers = Set(instance.unicastPeers.map(\.address))
                // A source that its own node does not have is wrong there, and not in the peers' lists.
                for (receiver, other) in router.configured
                where receiver.name != sender.name && !receiver.lacksSource {
                    let own = receiver.ownAddresses(besides: virtual)
                    let sources = other.sourceAddress.map { [$0.value] } ?? own
                    guard let source = sources.first, peers.isDisjoint(with: sources) else { continue }
                    gaps.append((sender, receiver, source))
                }
            }
            guard let first = gaps.first else { return nil }
            let words = gaps.map { "\($0.from.name) does not list \($0.to.name) (\($0.source))" }
            return Diagnosis(
                Self.id, nodes: gaps.map(\.from.name).uniqued(),
                "the unicast peers of \(router.title) are incomplete: \(words.joined(separator: ", "))",
                effect: "\(joined(gaps.map(\.to.name).uniqued())) gets no adverts, and takes the addresses",
                fix: gaps.map { "add \($0.source) to unicast_peer of \(router.title) on \($0.from.name)" }
                    .joined(separator: "; ") + ", and reload",
                evidence: gaps.flatMap { gap in
                    [gap.from.instance?.unicastPeers.first?.location ?? gap.from.instance?.location].map {
                        gap.from.evidence(at: $0)
                    }
                } + router.members.map { $0.traffic(in: observation.seconds) },
                explains: observation.disunity(of: router), file: first.from.instance?.location.file,
                line: first.from.instance?.unicastPeers.first?.location.line)
        }
    }
}
