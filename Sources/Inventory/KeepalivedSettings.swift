package import Addresses
package import Remote

/// What an inventory says about keepalived for a whole cluster, defaults filled in.
package struct KeepalivedSettings: Sendable {
    package enum Transport: String, Sendable, CaseIterable { case multicast, unicast }

    /// Who writes `state MASTER`: the preferred node, or nobody, so that everybody starts as BACKUP.
    package enum InitialState: String, Sendable, CaseIterable { case preferred, backup }

    /// Where adverts travel; a node or an instance may say otherwise.
    package var interface: String
    package var transport: Transport
    /// 2 (RFC 3768) or 3 (RFC 5798).
    package var version: Int
    /// Hundredths of a second: whole seconds in version 2, 10 ms steps in version 3.
    package var advertInterval: Int
    package var authPass: SecretValue?
    /// Whether a returning node of higher priority takes its addresses back.
    package var preempt: Bool
    package var initialState = InitialState.preferred
    /// Whether unicast instances name the address that they send from (`unicast_src_ip`).
    package var namesUnicastSource = true
    /// Whether IPv4 addresses get the broadcast address of their network (`brd +`).
    package var setsBroadcast = true
    /// Run scripts as root, and none that somebody else could write; false leaves both to ``extraGlobal``.
    package var scriptSecurity = true
    package var scripts: [TrackScript]
    package var notify: NotifySettings
    package var instances: [VRRPInstance]
    /// Arguments of the daemon, `DAEMON_ARGS` on Debian, `KEEPALIVED_OPTIONS` elsewhere.
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
    /// Whether keepalived starts scripts as it stops: those of `notify: { stop: … }`, and those that raw lines name by
    /// `notify_stop`, or by a `notify` of their own, which is run for every state.
    ///
    /// `shutdown_script` is none of them: keepalived starts it when all else has ended, and waits for it.
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

    /// Where the adverts of an instance travel on one node: what the instance says counts before what the node
    /// says, and that before the cluster's own interface.
    package func interface(of instance: VRRPInstance, on node: Node) -> String {
        instance.interface ?? node.interface ?? interface
    }

    /// The password of an instance's adverts: its own, or the one of all.
    package func authPass(of instance: VRRPInstance) -> SecretValue? { instance.authPass ?? authPass }

    /// Every password that is written somewhere.
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
    /// `virtual_ipaddress_excluded`: moves with the rest, is not advertised.
    package var excluded: [VirtualAddress]
    package var trackInterfaces: [String]
    /// Names of ``KeepalivedSettings/scripts``.
    package var trackScripts: [String]
    /// Who owns the addresses when all is well.
    package var preferred: HostID
    /// For every node of the cluster, 1...254, no two equal. Derived so that ``preferred`` has the highest.
    package var priorities: [HostID: Int]
    /// Whether it follows a handover file: not where its weight would not count, as in a sync group.
    package var followsHandover = true
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

/// A virtual address as it is to be configured.
package struct VirtualAddress: Hashable, Sendable {
    package var cidr: CIDR
    /// Where it is put; `nil` is the instance's own interface.
    package var interface: String?
    /// At most 15 bytes (IFNAMSIZ).
    package var label: String?
    /// Raw words behind the address: `scope link no_track`.
    package var options: String?

    package init(cidr: CIDR, interface: String? = nil, label: String? = nil) {
        self.cidr = cidr
        self.interface = interface
        self.label = label
    }
}

/// A `vrrp_script`: what is run, how often, and what its failure weighs.
package struct TrackScript: Hashable, Sendable {
    package var name: String
    /// The command line; a file of the user's own, or one that haops ships (`check_haproxy.sh`).
    package var run: String
    /// Seconds.
    package var interval: Int
    /// Seconds; `nil` leaves keepalived's default, which is the interval.
    package var timeout: Int?
    package var fall: Int
    package var rise: Int
    /// -253...253; 0 means that failure is a fault.
    package var weight: Int
    /// Whether the file is the nodes' own, so that haops ships none, though it knows one of this name.
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
