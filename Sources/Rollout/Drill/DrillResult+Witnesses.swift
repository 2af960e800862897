import Inventory
import Survey

extension DrillResult {
    /// Adds what the machines have said of themselves: phases, who had the addresses, who was sent to, who announced them.
    ///
    /// - `now`: to this moment, by the clock here; microseconds since 1970.
    mutating func add(_ record: WitnessWatch.Record, _ plan: DrillPlan, _ cluster: Cluster, until now: Int) {
        guard let begins, let ends else { return }
        let history = NeighbourHistory(
            events: record.events, nodes: Set(cluster.nodes.map(\.id)), owners: plan.linkOwners)
        let found = DrillPhases(history: history, measurements: measurements)
        let (failover, reversion) = (begins..<ends, ends..<max(ends, now))
        phases = plan.instances.map { instance in
            InstancePhases(
                instance: instance.name,
                failover: found.phases(of: instance.name, instance.addresses, within: failover, \.failover),
                reversion: found.phases(
                    of: instance.name, instance.addresses, within: reversion, \.reversion))
        }
        for index in comparisons.indices {
            guard let owner = plan.instances.first(where: { $0.name == comparisons[index].instance })?.owner
            else { continue }
            comparisons[index].returned =
                phases.first { $0.instance == comparisons[index].instance }?.reversion
                .first { $0.name == .elected && $0.host == owner }?.at
        }
        let heard = record.heard
        holdings = plan.instances.flatMap { instance in
            cluster.nodes.map(\.id).filter(heard.contains).flatMap { node in
                history.holdings(of: instance.addresses, on: node, isOwner: instance.owner == node).map {
                    Holding(instance: instance.name, node: node, from: $0.from, to: $0.to)
                }
            }
        }
        let addresses = plan.askedAddresses
        neighbours = history.changes(of: addresses)
        if !record.capturing.isEmpty {
            announcements = (
                history.announcements(of: addresses, within: failover),
                history.announcements(of: addresses, within: reversion)
            )
        }
    }
}
