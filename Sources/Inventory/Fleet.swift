package import Addresses
package import Remote

/// A complete, valid inventory. A `Fleet` need not be validated again.
package struct Fleet: Sendable {
    /// The inventory's file, as the operator named it.
    package var source: String
    /// In the order of the file.
    package var clusters: [Cluster]
    /// Problems that do not invalidate the inventory.
    package var warnings: [Diagnostic]
    /// Where things are in the file; empty for a fleet without a file.
    package var locations: [InventoryPlace: SourceLocation]
    /// The file's text, for messages that show lines of it; `nil` for a fleet without a file.
    package var text: SourceText?

    package init(
        source: String, clusters: [Cluster], warnings: [Diagnostic] = [],
        locations: [InventoryPlace: SourceLocation] = [:], text: SourceText? = nil
    ) {
        self.source = source
        self.clusters = clusters
        self.warnings = warnings
        self.locations = locations
        self.text = text
    }
}

/// Nodes that share virtual addresses: one VRRP domain and the haproxy in front of it.
package struct Cluster: Sendable {
    package var name: String
    /// In the order of the file, ranges expanded.
    package var nodes: [Node]
    /// Machines whose neighbour tables show who answers for the virtual addresses.
    package var observers: [Observer]
    package var keepalived: KeepalivedSettings?
    package var haproxy: HAProxySettings?
    package var sysctl: [SysctlSetting]
    package var firewall: FirewallSettings?
    /// Installed with the node's own package manager when missing.
    package var packages: [String]
    /// Files of the operator's own that go to every node, see ``files(on:)``.
    package var files: [ShippedFile] = []
    /// The secrets that raw lines name as `${secret:NAME}`.
    package var textSecrets: [String: SecretValue] = [:]
    /// A directory whose files replace the shipped templates of the same name.
    package var templates: String?
    /// Whether keepalived's settings were read from the nodes' own files. No inventory then confirms that the
    /// addresses are virtual.
    package var isLearned = false
    /// Whether the nodes' files were written by others. haops then adds nothing of its own to them, and leaves a
    /// file that means the same, its mode, and services that are stopped or not enabled as they are.
    package var isAdopted = false

    package init(
        name: String, nodes: [Node], observers: [Observer] = [], keepalived: KeepalivedSettings? = nil,
        haproxy: HAProxySettings? = nil, sysctl: [SysctlSetting] = [], firewall: FirewallSettings? = nil,
        packages: [String] = [], templates: String? = nil
    ) {
        self.name = name
        self.nodes = nodes
        self.observers = observers
        self.keepalived = keepalived
        self.haproxy = haproxy
        self.sysctl = sysctl
        self.firewall = firewall
        self.packages = packages
        self.templates = templates
    }

    /// Where haproxy's frontends are to listen, as they are written: `203.0.113.50:443 ssl crt …`.
    package var binds: [String] { (haproxy?.frontends ?? []).flatMap(\.binds) }

    /// The cluster's virtual addresses with their instances, in the order of the file.
    package var virtualAddresses: [(instance: VRRPInstance, vip: VirtualAddress)] {
        (keepalived?.instances ?? []).flatMap { instance in
            (instance.addresses + instance.excluded).map { (instance, $0) }
        }
    }
}

/// A load balancer.
package struct Node: Sendable {
    package var id: HostID
    package var target: SSHTarget
    /// The source address of the node's unicast adverts, by which its peers know it.
    package var vrrpAddress: IPAddress?
    /// Overrides the cluster's interface for adverts on this node.
    package var interface: String?
    /// Files for this node only, or that differ on this node.
    package var files: [ShippedFile] = []
    /// Destinations of the cluster's files that this node does not get.
    package var withheldFiles: Set<String> = []

    package init(id: HostID, target: SSHTarget, vrrpAddress: IPAddress? = nil, interface: String? = nil) {
        self.id = id
        self.target = target
        self.vrrpAddress = vrrpAddress
        self.interface = interface
    }
}

/// A machine outside the cluster whose neighbour table shows who answers for a virtual address.
package struct Observer: Sendable {
    package var id: HostID
    package var target: SSHTarget

    package init(id: HostID, target: SSHTarget) {
        self.id = id
        self.target = target
    }
}

/// One kernel setting: `net.ipv4.ip_nonlocal_bind` and its value.
package struct SysctlSetting: Hashable, Sendable {
    package var key: String
    package var value: String

    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// What every node's packet filter must accept.
package struct FirewallSettings: Hashable, Sendable {
    package enum Backend: String, Sendable, CaseIterable { case auto, iptables, nftables, firewalld, none }
    package enum Allowance: String, Sendable, CaseIterable { case vrrp, icmp }

    package var backend: Backend
    package var allow: [Allowance]

    package init(backend: Backend = .auto, allow: [Allowance]) {
        self.backend = backend
        self.allow = allow
    }
}
