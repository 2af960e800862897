import Addresses
package import Keepalived

extension Configuration {
    /// Differences between a daemon's reported instances and this configuration, a sentence each.
    ///
    /// A dump is incomplete: passwords, scripts and their weights are not compared.
    package func differences(from live: [LiveState.Instance]) -> [String] {
        var found: [String] = []
        for instance in instances {
            guard let state = live.first(where: { $0.name == instance.name }) else {
                if instance.virtualRouterID != nil {
                    found.append("\(instance.name) is in the file, but not in the daemon")
                }
                continue
            }
            func compare<Value: Equatable>(_ what: String, _ file: Value?, _ daemon: Value?) {
                guard let file, let daemon, file != daemon else { return }
                found.append("\(instance.name): \(what) is \(file) in the file, \(daemon) in the daemon")
            }
            compare("virtual_router_id", instance.virtualRouterID?.value, state.routerID)
            // If two nodes are owner, one lowers its priority by itself.
            if !instance.isOwner { compare("priority", instance.priority.value, state.basePriority) }
            // An instance with a virtual MAC reports the interface that keepalived created for it.
            if instance.vmac == nil { compare("interface", instance.interface?.value, state.interface) }
            compare("version", instance.version.value, state.version)
            compare("nopreempt", instance.nopreempt.value, state.nopreempt)
            let interval = instance.advertInterval.value
            let hundredths =
                Int(interval.components.seconds) * 100
                + Int(interval.components.attoseconds / 10_000_000_000_000_000)
            compare("advert_int (in 1/100 s)", hundredths, state.advertInterval)
            let inFile = Set(instance.allAddresses.map(\.address))
            let inDaemon = Set(state.addresses.compactMap { CIDR($0)?.address })
            for address in inFile.subtracting(inDaemon).sorted() {
                found.append("\(instance.name): \(address) is in the file, not in the daemon")
            }
            for address in inDaemon.subtracting(inFile).sorted() {
                found.append("\(instance.name): \(address) is in the daemon, not in the file")
            }
        }
        for state in live where instance(named: state.name) == nil {
            found.append("\(state.name) runs, but is not in the file")
        }
        return found
    }
}
