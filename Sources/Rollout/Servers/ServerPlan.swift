package import Facts
package import Inventory
package import Remote

/// What is done to servers of haproxy on all balancers of a cluster, and what it means for their backends. A value, as other
/// plans are.
package struct ServerPlan: Sendable {
    package var cluster: Cluster
    package var change: ServerChange
    package var selectors: [ServerSelector]
    package var reason: String
    /// In the cluster's order; empty where no server of the cluster is meant.
    package var nodes: [NodePart] = []
    package var backends: [BackendEffect] = []
    /// All servers of the cluster, for a name that was mistyped.
    package var known: [ServerName] = []
    /// Reasons not to begin, with hints on lines of their own.
    package var obstacles: [String] = []
    package var notes: [String] = []
    package var unreachable: [HostID: RemoteError] = [:]

    init(cluster: Cluster, change: ServerChange, selectors: [ServerSelector], reason: String) {
        self.cluster = cluster
        self.change = change
        self.selectors = selectors
        self.reason = reason
    }

    /// What is done on one node.
    package struct NodePart: Sendable {
        package var node: Node
        package var servers: [ServerPart]
        /// What the node keeps of all its servers, before and after.
        package var keptBefore: [KeptServer]
        package var keptAfter: [KeptServer]

        /// Whether haproxy has it so and the node keeps it so.
        package var isEmpty: Bool {
            servers.allSatisfy { $0.now == $0.then } && keptBefore.sorted { $0.name < $1.name } == keptAfter
        }
    }

    /// One server on one node.
    package struct ServerPart: Hashable, Sendable {
        package var name: ServerName
        /// `nil` where haproxy has no such server any more, and only the node's list has it.
        package var now: ServerStates.Server?
        package var then: ServerStates.Server?
        /// `UP`, `DOWN`, `DRAIN`, as haproxy's statistics say.
        package var status: String?
        package var sessions: Int?
    }

    /// How many servers of a backend take new sessions, as one node sees it.
    package struct BackendEffect: Hashable, Sendable {
        package var backend: String
        package var node: HostID
        package var before: Int
        package var after: Int

        package var isLast: Bool { before > 0 && after == 0 }
    }

    /// The servers that are meant, on whichever node.
    package var servers: [ServerName] { Set(nodes.flatMap(\.servers).map(\.name)).sorted() }

    package var isEmpty: Bool { nodes.allSatisfy(\.isEmpty) }

    /// The backends in which nothing would serve any more.
    package var emptied: [String] { Set(backends.filter(\.isLast).map(\.backend)).sorted() }

    /// Its name in locks and journals: `drain web/web2`.
    package var purpose: String {
        let named = servers.isEmpty ? selectors.map(\.description) : servers.map(\.description)
        let names = named.joined(separator: ", ")
        return if case .weigh(let weight) = change { "weight \(names) \(weight)" } else {
            "\(change.verb) \(names)"
        }
    }

    /// Equal when two plans would do the same. When and by whom something is kept does not count.
    var fingerprint: String {
        nodes.map { part in
            ([part.node.id.name]
                + part.servers.map { "\($0.name) \($0.now == $0.then) \(String(describing: $0.then))" }
                + part.keptBefore.map(\.line)).joined(separator: "\n")
        }.joined(separator: "\n\n")
    }
}

extension ServerPlan.NodePart {
    /// The lines for the node's script that do it.
    func lines(of change: ServerChange) -> String {
        servers.compactMap { part in
            part.now.map { now in
                Self.line(part.name, change.state(after: now), change.weight?.description)
            }
        }.joined(separator: "\n")
    }

    /// The lines that take it back.
    func linesBack(of change: ServerChange) -> String {
        servers.compactMap { part in
            part.now.map { now in
                Self.line(
                    part.name, change.state(after: now) == nil ? nil : now.state,
                    change.weight == nil ? nil : String(now.weight))
            }
        }.joined(separator: "\n")
    }

    private static func line(_ name: ServerName, _ state: String?, _ weight: String?) -> String {
        "\(name.backend) \(name.server) \(state ?? "-") \(weight ?? "-")"
    }
}
