package import Addresses
package import Remote

/// A cluster's keepalived settings, with defaults filled in.
package struct KeepalivedSettings: Sendable {
    package enum Transport: String, Sendable, CaseIterable { case multicast, unicast }

    /// Which node has `state MASTER`: the preferred one, or none, so that all start as BACKUP.
    package enum InitialState: String, Sendable, CaseIterable { case preferred, backup }

    /// Seconds between the gratuitous ARPs that haops has every MASTER send (`vrrp_garp_master_refresh`).
    package static let garpMasterRefresh = 60

    /// The interface for adverts; a node or an instance may override it.
    package var interface: String
    package var transport: Transport
    /// 2 (RFC 3768) or 3 (RFC 5798).
    package var version: Int
    /// Hundredths of a second: whole seconds in version 2, 10 ms steps in version 3.
    package var advertInterval: Int
    package var authPass: SecretValue?
    /// Whether a node of higher priority takes the addresses when it returns.
    package var preempt: Bool
    package var initialState = InitialState.preferred
    /// Whether unicast instances name the address that they send from (`unicast_src_ip`).
    package var namesUnicastSource = true
    /// Whether IPv4 addresses get the broadcast address of their network (`brd +`).
    package var setsBroadcast = true
    /// Whether scripts run as root, and only those that no other user can write; if false, ``extraGlobal``
    /// decides both.
    package var scriptSecurity = true
    package var scripts: [TrackScript]
    package var notify: NotifySettings
    package var instances: [VRRPInstance]
    /// The daemon's arguments: `DAEMON_ARGS` on Debian, `KEEPALIVED_OPTIONS` elsewhere.
    package var options: String
    /// Raw lines for `global_defs`, passed through and linted.
    package var extraGlobal: String?
    /// Raw blocks of their own, between the scripts and the instances: `vrrp_sync_group`, `vrrp_track_process`…
    package var extraBlocks: String?

    package init(
        interface: String, transport: Transport = .multicast, version: Int = 2, advertInterval: Int = 100,
        authPass: SecretValue? = nil, preempt: Bool = true, scripts: [TrackScript] = [],
        notify: NotifySettings = NotifySettings(),
        instances: [VRRPInstance], options: String = "--vrrp", extraGlobal: String? = nil
    ) {
        self.interface = interface
        self.transport = transport
        self.version = version
        self.advertInterval = advertInterval
        self.authPass = authPass
        self.preempt = preempt
        self.scripts = scripts
        self.notify = notify
        self.instances = instances
        self.options = options
        self.extraGlobal = extraGlobal
    }
}

extension KeepalivedSettings {
    /// Whether keepalived starts scripts when it stops: those of `notify: { stop: … }`, and those of
    /// `notify_stop` or `notify` in raw lines. A `notify` script runs for every state.
    ///
    /// `shutdown_script` does not count: keepalived starts it after everything else has ended, and waits for it.
    package var startsScriptsAsItStops: Bool {
        if notify.hooks[.stop]?.isEmpty == false { return true }
        let raw = [extraGlobal, extraBlocks] + instances.map(\.extra)
        return raw.compactMap(\.self).contains { text in
            text.split(whereSeparator: \.isNewline).contains { line in
                let word = line.split { $0 == " " || $0 == "\t" }.first
                return word == "notify_stop" || word == "notify"
            }
        }
    }

    /// The interface for an instance's adverts on a node: the instance's, or else the node's, or else the
    /// cluster's.
    package func interface(of instance: VRRPInstance, on node: Node) -> String {
        instance.interface ?? node.interface ?? interface
    }

    /// The password of an instance's adverts: its own, or else the common one.
    package func authPass(of instance: VRRPInstance) -> SecretValue? { instance.authPass ?? authPass }

    /// All passwords of the settings.
    package var authPasses: [SecretValue] { [authPass].compactMap(\.self) + instances.compactMap(\.authPass) }
}

/// One virtual router: a set of addresses that moves as a whole.
package struct VRRPInstance: Sendable {
    package var name: String
    /// 1...255, unique on its interface.
    package var routerID: Int
    /// Overrides the cluster's interface for adverts.
    package var interface: String?
    /// Overrides the password of all instances.
    package var authPass: SecretValue?
    package var addresses: [VirtualAddress]
    /// `virtual_ipaddress_excluded`: addresses that move with the others and are not advertised.
    package var excluded: [VirtualAddress]
    package var trackInterfaces: [String]
    /// Names of ``KeepalivedSettings/scripts``.
    package var trackScripts: [String]
    /// The owner of the addresses when all checks pass.
    package var preferred: HostID
    /// The priority of every node of the cluster: 1...254, all different, and highest for ``preferred``.
    package var priorities: [HostID: Int]
    /// Whether the instance tracks a handover file. It does not where keepalived ignores the weight, as in a sync
    /// group.
    package var followsHandover = true
    /// Where the nodes' unicast adverts come from, for an instance whose nodes use other addresses than usual.
    package var vrrpAddresses: [HostID: IPAddress] = [:]
    /// Raw lines for the `vrrp_instance` block, passed through and linted.
    package var extra: String?

    package init(
        name: String, routerID: Int, interface: String? = nil, addresses: [VirtualAddress],
        excluded: [VirtualAddress] = [], trackInterfaces: [String] = [], trackScripts: [String] = [],
        preferred: HostID, priorities: [HostID: Int], extra: String? = nil
    ) {
        self.name = name
        self.routerID = routerID
        self.interface = interface
        self.addresses = addresses
        self.excluded = excluded
        self.trackInterfaces = trackInterfaces
        self.trackScripts = trackScripts
        self.preferred = preferred
        self.priorities = priorities
        self.extra = extra
    }
}

extension VRRPInstance {
    /// The source address of a node's unicast adverts for this instance.
    package func vrrpAddress(of node: Node) -> IPAddress? { vrrpAddresses[node.id] ?? node.vrrpAddress }
}

/// A virtual address to configure.
package struct VirtualAddress: Hashable, Sendable {
    package var cidr: CIDR
    /// The interface of the address; `nil` is the instance's interface.
    package var interface: String?
    /// At most 15 bytes (IFNAMSIZ).
    package var label: String?
    /// Raw words after the address: `scope link no_track`.
    package var options: String?
    /// Whether it lies outside the networks of its interface on purpose.
    package var isOutside = false

    package init(cidr: CIDR, interface: String? = nil, label: String? = nil) {
        self.cidr = cidr
        self.interface = interface
        self.label = label
    }
}

/// A `vrrp_script`: its command, its interval, and its weight.
package struct TrackScript: Hashable, Sendable {
    package var name: String
    /// The command line, of an operator's script or of one that haops ships (`check_haproxy.sh`).
    package var run: String
    /// Seconds.
    package var interval: Int
    /// Seconds; `nil` means keepalived's default, which is the interval.
    package var timeout: Int?
    package var fall: Int
    package var rise: Int
    /// -253...253; with 0 a failure puts the instance into FAULT.
    package var weight: Int
    /// Whether the nodes already have the script. haops then does not ship its own script of this name.
    package var isOwn = false
    /// Raw lines for the `vrrp_script` block, passed through and linted.
    package var extra: String?

    package init(
        name: String, run: String, interval: Int = 2, timeout: Int? = nil, fall: Int = 2, rise: Int = 2,
        weight: Int = 0
    ) {
        self.name = name
        self.run = run
        self.interval = interval
        self.timeout = timeout
        self.fall = fall
        self.rise = rise
        self.weight = weight
    }
}
