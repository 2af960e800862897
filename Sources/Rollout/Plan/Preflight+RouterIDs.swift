import Addresses
import Facts
import Inventory
import Keepalived
import Remote

extension Preflight {
    /// Router ids that a cluster is about to use for the first time, and the node that listens for them.
    struct NewRouters {
        struct Router {
            var instance: VRRPInstance
            var interface: String
        }

        var asker: HostID
        var routers: [Router]
    }

    /// The interfaces that a node's multicast adverts travel on.
    static func advertInterfaces(_ node: Node, _ cluster: Cluster) -> [String] {
        guard let settings = cluster.keepalived, settings.transport == .multicast else { return [] }
        return Set(settings.instances.map { settings.interface(of: $0, on: node) }).sorted()
    }

    /// The instances whose router id no keepalived of the cluster runs with; `nil` where there is nothing to do, or where
    /// a daemon does not say what it runs with. Unicast adverts meet nobody else's.
    func newRouters(of plan: ClusterPlan) -> NewRouters? {
        let cluster = plan.cluster
        guard let settings = cluster.keepalived, settings.transport == .multicast, !plan.isEmpty,
            plan.unreachable.isEmpty
        else { return nil }
        var known: Set<Int> = []
        for node in cluster.nodes {
            guard let daemon = facts[node.id]?.known(KeepalivedFact.self), daemon.isRunning else { continue }
            guard daemon.roleSource == .daemon, let state = daemon.state else { return nil }
            known.formUnion(state.instances.map(\.routerID))
        }
        let new = settings.instances.filter { $0.routerID > 0 && !known.contains($0.routerID) }
        // The first node whose interfaces are connected listens.
        let asker = cluster.nodes.first { node in
            let connected = Set(
                (facts[node.id]?.known(InterfacesFact.self) ?? []).filter(\.hasCarrier).map(\.name))
            return new.allSatisfy { connected.contains(settings.interface(of: $0, on: node)) }
        }
        guard !new.isEmpty, let asker else { return nil }
        return NewRouters(
            asker: asker.id,
            routers: new.map { .init(instance: $0, interface: settings.interface(of: $0, on: asker)) })
    }

    /// The interfaces that nobody has listened on yet, by the node that is to do it.
    func unheardInterfaces(_ all: [NewRouters?]) -> [HostID: [String]] {
        var interfaces: [HostID: Set<String>] = [:]
        for new in all.compactMap(\.self) {
            let heard = facts[new.asker]?.known(RouterIDsFact.self) ?? HeardAdverts()
            let wanted = new.routers.map(\.interface).filter { heard.adverts[$0] == nil }
            guard !wanted.isEmpty, !heard.isDeaf else { continue }
            interfaces[new.asker, default: []].formUnion(wanted)
        }
        return interfaces.mapValues { $0.sorted() }
    }

    /// A router id that somebody else uses is an obstacle. Where nobody could listen, the plan gets a note.
    func addRouterIDFindings(
        _ new: NewRouters?, _ late: [HostID: Result<HostFacts, RemoteError>], to plan: inout ClusterPlan
    ) {
        guard let new else { return }
        let own = Set(
            facts.values.flatMap { $0.known(InterfacesFact.self) ?? [] }.flatMap(\.addresses)
                .map(\.cidr.address))
        let early = facts[new.asker]?.known(RouterIDsFact.self)?.adverts ?? [:]
        let last = (try? late[new.asker]?.get())?.known(RouterIDsFact.self)?.adverts ?? [:]
        let heard = early.merging(last) { $0.union($1) }
        var unheard: [NewRouters.Router] = []
        for router in new.routers {
            guard let adverts = heard[router.interface] else {
                unheard.append(router)
                continue
            }
            let isIPv6 = router.instance.addresses.first?.cidr.address.isIPv6 ?? false
            let strangers = adverts.filter {
                $0.routerID == router.instance.routerID && $0.source.isIPv6 == isIPv6
                    && !own.contains($0.source)
            }.map(\.source)
            guard !strangers.isEmpty else { continue }
            plan.obstruct(
                new.asker,
                "router id \(router.instance.routerID) of \(router.instance.name) is in use already on `\(router.interface)`: \(Set(strangers).sorted().map(\.description).joined(separator: ", ")) sends adverts with it"
            )
        }
        guard !unheard.isEmpty else { return }
        if case .failure(let error)? = late[new.asker] {
            plan.obstruct(
                new.asker,
                "could not be asked whether router id \(unheard[0].instance.routerID) is in use already: \(error): try again"
            )
            return
        }
        let ids = unheard.map { "\($0.instance.routerID)" }.joined(separator: ", ")
        plan.note(
            new.asker,
            "has no tcpdump to listen on `\(unheard[0].interface)` for router id \(ids): check that nobody else there uses it"
        )
    }
}
