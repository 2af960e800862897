import Addresses
import Keepalived

extension Configuration {
    /// The configuration that a daemon must have read to run these instances, as far as their state shows it.
    func asRun(by live: [LiveState.Instance]) -> Configuration {
        guard !live.isEmpty else { return self }
        var old = self
        old.instances = instances.compactMap { instance in
            guard let state = live.first(where: { $0.name == instance.name }) else { return nil }
            var run = instance
            run.virtualRouterID?.value = state.routerID
            if let priority = state.basePriority { run.priority.value = priority }
            // An instance with a virtual MAC reports the interface that keepalived created for it.
            if instance.vmac == nil { run.interface?.value = state.interface }
            if let version = state.version { run.version.value = version }
            if let interval = state.advertInterval {
                run.advertInterval.value = .milliseconds(10 * interval)
            }
            run.nopreempt.value = state.nopreempt
            let known = Set(state.addresses.compactMap { CIDR($0)?.address })
            run.addresses.removeAll { !known.contains($0.address) }
            run.excludedAddresses.removeAll { !known.contains($0.address) }
            let written = Set(instance.allAddresses.map(\.address))
            run.addresses += state.addresses.compactMap { CIDR($0) }
                .filter { !written.contains($0.address) }
                .compactMap { gone in
                    var address = instance.addresses.first
                    address?.address = gone.address
                    address?.prefixLength = gone.prefixLength
                    return address
                }
            return run
        }
        return old
    }
}
