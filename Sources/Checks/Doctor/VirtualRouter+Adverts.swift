import Addresses
import Facts
import Keepalived

/// A member's adverts on the wire, and in its own kernel.
extension VirtualRouter.Member {
    /// The addresses that it sends from.
    var sources: Set<IPAddress> {
        var all = Set(node.interfaces.flatMap(\.addresses).map(\.cidr.address))
        if let configured = instance?.sourceAddress?.value { all.insert(configured) }
        return all
    }

    /// Whether its file names a source address that no interface of the node has.
    var lacksSource: Bool {
        guard let source = instance?.sourceAddress?.value, node.isReachable, !node.interfaces.isEmpty else {
            return false
        }
        return !node.interfaces.flatMap(\.addresses).contains { $0.cidr.address == source }
    }

    /// Whether an advert may be this router's.
    private func isOurs(_ advert: Capture.Advert) -> Bool {
        advert.routerID == routerID && advert.source.isIPv6 == isIPv6
    }

    /// The router's adverts that tcpdump saw arrive, without the node's own.
    var incoming: [Capture.Advert] {
        let own = sources
        return node.capture.adverts.filter {
            isOurs($0) && $0.isOutgoing != true && !own.contains($0.source)
        }.sorted { ($0.source, $0.interface ?? "") < ($1.source, $1.interface ?? "") }
    }

    /// Their senders.
    var arrivals: [IPAddress] { incoming.map(\.source).uniqued() }

    /// The node's own adverts that tcpdump saw leave.
    var departures: [Capture.Advert] {
        let own = sources
        return node.capture.adverts.filter {
            isOurs($0) && own.contains($0.source) && $0.isOutgoing != false
        }
    }

    /// Whether adverts arrive and keepalived neither accepts nor refuses any.
    var isDeaf: Bool { received == 0 && refused.isEmpty && !arrivals.isEmpty }

    /// The adverts that it should count between two samples.
    func expected(in seconds: Int) -> Int {
        let hundredths = after?.advertInterval ?? 100
        return max(1, seconds * 100 / max(1, hundredths) - 1)
    }

    /// Programs in the way of its adverts.
    func programs(_ hook: PacketFilter.Hook) -> [PacketFilter.Program] {
        (node.filter?.programs ?? []).filter { $0.hook == hook && $0.interface == interface }
            .sorted { $0.kind < $1.kind }
    }

    /// The last log entries about adverts that could not be sent.
    var sendFailures: [Evidence] {
        logged { if case .cannotSend = $0 { true } else { false } }
    }

    /// Its line `interface`, or whatever else a finding about the instance may point to.
    var interfaceLine: ConfigurationLocation? { instance?.interface?.location ?? instance?.location }

    var arrivalEvidence: [Evidence] {
        incoming.map { advert in
            Evidence(
                .capture, on: name,
                "tcpdump sees adverts of router \(advert.routerID) arrive from \(advert.source)"
                    + (advert.interface.map { " on \($0)" } ?? ""))
        }.uniqued()
    }
}

extension DoctorNode {
    /// keepalived's processes and sockets in the first and in the second sample.
    var advertSockets: (before: AdvertSockets, after: AdvertSockets)? {
        guard let first = before?.known(AdvertSocketsFact.self),
            let second = after?.known(AdvertSocketsFact.self)
        else { return nil }
        return (first, second)
    }

    /// The packets that rp_filter dropped between the samples.
    var reversePathDrops: Int? {
        guard let first = before?.known(ReversePathFact.self)?.dropped,
            let second = after?.known(ReversePathFact.self)?.dropped, second >= first
        else { return nil }
        return second - first
    }
}
