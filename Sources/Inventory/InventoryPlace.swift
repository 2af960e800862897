package import Remote

/// A part of an inventory that a diagnostic can refer to; `Fleet.locations` has its place in the file.
package enum InventoryPlace: Hashable, Sendable {
    case cluster(String)
    case node(HostID)
    case nodeAddress(HostID)
    case nodeVRRPAddress(HostID)
    case nodePriority(HostID)
    case observer(HostID)
    case secret(String)
    case keepalived(cluster: String)
    case authPass(cluster: String)
    case preempt(cluster: String)
    case version(cluster: String)
    case script(cluster: String, name: String)
    case scriptWeight(cluster: String, script: String)
    case instance(cluster: String, name: String)
    case routerID(cluster: String, instance: String)
    case preferred(cluster: String, instance: String)
    /// One node's entry in the `priorities` of an instance.
    case instancePriority(cluster: String, instance: String, node: HostID)
    case trackInterface(cluster: String, instance: String, interface: String)
    case trackScript(cluster: String, instance: String, script: String)
    /// `index` counts through the addresses and then the excluded ones.
    case address(cluster: String, instance: String, index: Int)
    case frontend(cluster: String, name: String)
    case bind(cluster: String, frontend: String, index: Int)
    case backend(cluster: String, name: String)
    case firewall(cluster: String)
    case sysctl(cluster: String, key: String)
    /// A file of the cluster, or of all of them.
    case file(cluster: String, path: String)
    case fileMode(cluster: String, path: String)
    case nodeFile(HostID, path: String)
    case nodeFileMode(HostID, path: String)
}

extension Fleet {
    /// The location of the first of `places` that has one; the top of the file if none has.
    package func location(of places: InventoryPlace...) -> SourceLocation {
        for place in places {
            if let location = locations[place] { return location }
        }
        return SourceLocation(file: source, line: 1, column: 1)
    }
}
