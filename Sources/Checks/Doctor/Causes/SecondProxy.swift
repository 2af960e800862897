import Addresses
import Facts

/// Two haproxys listen on one address and port.
///
/// Condition: two haproxys, neither of which has started the other, listen on the same address and port, and they were
/// started with different configurations or belong to different units.
/// Why: haproxy sets SO_REUSEPORT, so the second one starts without an error, and the kernel gives each a part of the
/// connections: some clients get last year's configuration.
/// Remedy: end the one that does not belong there, and disable what starts it.
struct SecondProxy: Cause {
    static let id = DoctorID.secondProxy

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { diagnose($0, observation) }
    }

    private func diagnose(_ node: DoctorNode, _ observation: ClusterObservation) -> Diagnosis? {
        let processes = node.processes
        let listeners = node.after?.known(HAProxyFact.self)?.listening ?? []
        var shared: [DaemonProcess: [String]] = [:]
        var addresses: Set<IPAddress> = []
        for (place, together) in Dictionary(grouping: listeners, by: { Place($0.address, $0.port) }) {
            let roots = together.flatMap(\.pids).compactMap { processes.root(of: $0) }
                .filter { $0.daemon == .haproxy && $0.isInOtherNetwork != true }.uniqued()
            guard differ(roots) else { continue }
            addresses.insert(place.address)
            for root in roots { shared[root, default: []].append(place.words) }
        }
        let roots = shared.keys.sorted { $0.pid < $1.pid }
        guard roots.count > 1, let regular = node.regular(of: roots) else { return nil }
        let others = roots.filter { $0 != regular }
        let places = shared.values.flatMap(\.self).uniqued().sorted()
        let vips = observation.after.filter { ownership in
            ownership.trueOwner == node.id
                && (addresses.contains(ownership.vip) || addresses.contains { $0.isUnspecified })
        }.map(\.vip)
        return Diagnosis(
            Self.id, nodes: [node.name],
            "\(roots.count) haproxys listen on \(joined(places)) on \(node.name): \(joined(roots.map(node.words)))",
            effect: "each of them gets a part of the connections, and answers by its own configuration",
            fix: others.map { node.command(ending: $0, besides: regular) }.joined(separator: "; ")
                + " on \(node.name)"
                + (others.contains { $0.unit == nil } ? "; and find out what started it" : ""),
            evidence: roots.map(node.evidence), explains: Set(vips.map { .dark($0) }))
    }

    /// Several processes of one command line in one unit are one haproxy: `nbproc` until 2.5.
    private func differ(_ roots: [DaemonProcess]) -> Bool {
        Set(roots.map { [$0.unit ?? ""] + $0.configurationFiles }).count > 1
    }

    private struct Place: Hashable {
        var address: IPAddress
        var port: Int

        init(_ address: IPAddress, _ port: Int) { (self.address, self.port) = (address, port) }

        var words: String {
            address.isUnspecified
                ? "port \(port)" : address.isIPv6 ? "[\(address)]:\(port)" : "\(address):\(port)"
        }
    }
}

extension IPAddress {
    fileprivate var isUnspecified: Bool { self == .v4(0) || self == .v6(high: 0, low: 0) }
}
