package import Addresses

/// What lint needs to know of the node that a configuration is for.
///
/// Everything is optional: a rule that needs a fact which was not gathered stays silent.
package struct NodeFacts: Sendable {
    package struct Interface: Hashable, Sendable {
        package var name: String
        /// The addresses that are on it, keepalived's own included.
        package var addresses: [CIDR]

        package init(name: String, addresses: [CIDR] = []) {
            self.name = name
            self.addresses = addresses
        }
    }

    /// A path and the directories above it.
    package struct Path: Hashable, Sendable {
        package var path: String
        package var exists: Bool
        package var owner: String
        /// The permission bits with set-uid, set-gid and sticky.
        package var mode: Int
        package var isDirectory: Bool
        /// From the file's directory up to `/`.
        package var parents: [Path]
        /// The first line's `#!` program, and whether that exists.
        package var interpreter: String?
        package var interpreterExists: Bool
        /// The text of a script, for the rules that look inside.
        package var contents: String?

        package init(
            path: String, exists: Bool = true, owner: String = "root", mode: Int = 0o755,
            isDirectory: Bool = false, parents: [Path] = [], interpreter: String? = nil,
            interpreterExists: Bool = true, contents: String? = nil
        ) {
            self.path = path
            self.exists = exists
            self.owner = owner
            self.mode = mode
            self.isDirectory = isDirectory
            self.parents = parents
            self.interpreter = interpreter
            self.interpreterExists = interpreterExists
            self.contents = contents
        }
    }

    /// What the packet filter does with adverts.
    package struct Firewall: Hashable, Sendable {
        /// Whether what no rule accepts is dropped on its way in.
        package var dropsByDefault: Bool
        package var acceptsVRRP4: Bool
        package var acceptsVRRP6: Bool
        /// Accepts protocol 51, which `auth_type AH` needs.
        package var acceptsAH: Bool
        package var acceptsEstablished: Bool
        package var acceptsICMPv6: Bool
        /// Whether outgoing adverts are dropped.
        package var dropsOutput: Bool
        /// The rules that say so, as the tool prints them.
        package var evidence: [String]

        package init(
            dropsByDefault: Bool, acceptsVRRP4: Bool = false, acceptsVRRP6: Bool = false,
            acceptsAH: Bool = false, acceptsEstablished: Bool = false, acceptsICMPv6: Bool = false,
            dropsOutput: Bool = false, evidence: [String] = []
        ) {
            self.dropsByDefault = dropsByDefault
            self.acceptsVRRP4 = acceptsVRRP4
            self.acceptsVRRP6 = acceptsVRRP6
            self.acceptsAH = acceptsAH
            self.acceptsEstablished = acceptsEstablished
            self.acceptsICMPv6 = acceptsICMPv6
            self.dropsOutput = dropsOutput
            self.evidence = evidence
        }
    }

    package var interfaces: [Interface]?
    /// Addresses that something other than keepalived puts on an interface at boot, with where it is said.
    package var staticAddresses: [(address: CIDR, source: String)]?
    /// The scripts that the configuration names, by path.
    package var paths: [String: Path]?
    package var users: Set<String>?
    /// Programs found in the search path, by name.
    package var commands: Set<String>?
    /// The values in force, by dotted name.
    package var sysctls: [String: String] = [:]
    /// The values that files under sysctl.d set at boot.
    package var persistedSysctls: [String: String]?
    package var firewall: Firewall?
    /// What else configures interfaces: `systemd-networkd`, `NetworkManager`, …
    package var networkManagers: Set<String> = []
    /// Names that do not resolve.
    package var unresolvableNames: Set<String> = []
    /// Files of the configuration that are executable.
    package var executableFiles: Set<String> = []
    /// Seconds by which the node's clock differs from the operator's.
    package var clockOffset: Double?

    package init() {}
}
