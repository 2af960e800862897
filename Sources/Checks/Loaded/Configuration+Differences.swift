import Addresses
package import Keepalived

extension Configuration {
    /// Where what a daemon says of its instances is not what this configuration makes of them, a sentence each.
    ///
    /// A dump does not tell all: passwords, scripts and what they weigh are not compared.
    package func differences(from live: [LiveState.Instance]) -> [String] {
        var found: [String] = []
        for instance in instances {
            guard let state = live.first(where: { $0.name == instance.name }) else {
                if instance.virtualRouterID != nil {
                    found.append("\(instance.name) is in the file, and the daemon does not know it")
                }
                continue
            }
            func compare<Value: Equatable>(_ what: String, _ file: Value?, _ daemon: Value?) {
                guard let file, let daemon, file != daemon else { return }
                found.append("\(instance.name): \(what) is \(file) in the file, \(daemon) in the daemon")
            }
            compare("virtual_router_id", instance.virtualRouterID?.value, state.routerID)
            // Of two owners one lowers its priority by itself.
            if !instance.isOwner { compare("priority", instance.priority.value, state.basePriority) }
            // With a MAC of its own the daemon speaks of the interface that it made.
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
            found.append("\(state.name) runs, and is not in the file")
        }
        return found
    }
}
