package import Addresses
import HAProxy
import Inventory
import Rendering

/// What an inventory wants of a node and a configuration on it does not say: while that one is in force, nobody may
/// miss it there.
package struct ExpectedAbsences: Hashable, Sendable {
    package var addresses: Set<IPAddress>
    /// As the inventory writes them.
    package var binds: Set<String>
    /// Daemons that were told to read what is written, and must run it.
    package var mustHaveRead: Set<String> = []

    package init(addresses: Set<IPAddress> = [], binds: Set<String> = []) {
        self.addresses = addresses
        self.binds = binds
    }

    /// What haproxy listens on in the text of a configuration.
    static func endpoints(inHAProxyConfig contents: [UInt8]) -> Set<String> {
        Set(HAProxyFile(path: NodePaths.haproxyConfig, bytes: contents).binds.map(\.text))
    }
}
