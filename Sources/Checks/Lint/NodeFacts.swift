package import Addresses
package import Facts

/// The facts that lint needs about the node of a configuration.
///
/// Everything is optional: a rule reports nothing if a fact that it needs is missing.
package struct NodeFacts: Sendable {
    package struct Interface: Hashable, Sendable {
        package var name: String
        /// The addresses on the interface, including those that keepalived set.
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
        package var group: String
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
            path: String, exists: Bool = true, owner: String = "root", group: String = "root",
            mode: Int = 0o755, isDirectory: Bool = false, parents: [Path] = [], interpreter: String? = nil,
            interpreterExists: Bool = true, contents: String? = nil
        ) {
            self.path = path
            self.exists = exists
            self.owner = owner
            self.group = group
            self.mode = mode
            self.isDirectory = isDirectory
            self.parents = parents
            self.interpreter = interpreter
            self.interpreterExists = interpreterExists
            self.contents = contents
        }
    }

    /// The packet filter's result for the adverts of one instance.
    package struct Firewall: Hashable, Sendable {
        package var input: PacketFilter.Passage
        package var output: PacketFilter.Passage

        package init(input: PacketFilter.Passage = .passes, output: PacketFilter.Passage = .passes) {
            self.input = input
            self.output = output
        }
    }

    /// The host's name, as the machine itself says it.
    package var hostname: String?
    /// The checksums of the certificates that haproxy.cfg names, by path; `missing` where there is no such file.
    package var certificates: [String: String]?
    /// The certificates that the running haproxy has loaded.
    package var servedCertificates: ServedCertificates?
    package var interfaces: [Interface]?
    /// Addresses that another service than keepalived sets on an interface at boot, with the place that configures
    /// it.
    package var staticAddresses: [(address: CIDR, source: String)]?
    /// Addresses that belong to machines, of this cluster or others, with their owners.
    package var machineAddresses = OwnAddresses()
    /// The scripts that the configuration names, by path.
    package var paths: [String: Path]?
    package var users: Set<String>?
    /// Programs found in the search path, by name.
    package var commands: Set<String>?
    /// Those of `ToolsFact/known` that are in the search path.
    package var tools: Set<String>?
    /// The kernel settings in force, by dotted name.
    package var sysctls: [String: String] = [:]
    /// The kernel settings that files under sysctl.d set at boot.
    package var persistedSysctls: [String: String]?
    /// The packet filter's results, by instance name.
    package var firewalls: [String: Firewall] = [:]
    /// Other services that configure interfaces: `systemd-networkd`, `NetworkManager`, …
    package var networkManagers: Set<String> = []
    /// Names that do not resolve.
    package var unresolvableNames: Set<String> = []
    /// Files of the configuration that are executable.
    package var executableFiles: Set<String> = []
    /// The path where keepalived looks for its configuration, if there is no readable file.
    package var missingConfiguration: String?
    /// The processes of keepalived's service that systemd signals when it stops the service; see
    /// ``ServiceState/killMode``.
    package var killMode: String?
    /// Seconds by which the node's clock differs from the operator's.
    package var clockOffset: Double?

    package init() {}
}
