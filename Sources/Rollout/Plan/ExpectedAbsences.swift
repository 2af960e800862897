package import Addresses
import HAProxy
import Inventory
import Rendering

/// Instances and addresses of the inventory that the running configuration does not have yet. Gates do not expect
/// them until that configuration is replaced.
package struct ExpectedAbsences: Hashable, Sendable {
    package var addresses: Set<IPAddress>
    /// Listen addresses, as the inventory writes them.
    package var binds: Set<String>
    /// Daemons that must run the configuration on disk, because haops made them read it.
    package var mustHaveRead: Set<String> = []

    package init(addresses: Set<IPAddress> = [], binds: Set<String> = []) {
        self.addresses = addresses
        self.binds = binds
    }

    /// The addresses that haproxy listens on according to a configuration.
    static func endpoints(inHAProxyConfig contents: [UInt8]) -> Set<String> {
        Set(HAProxyConfiguration(path: NodePaths.haproxyConfig, bytes: contents).binds.map(\.text))
    }
}
