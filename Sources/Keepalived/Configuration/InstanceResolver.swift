/// Fills in defaults and resolves contradictions once everything is read: vrrp.c `vrrp_complete_instance`.
struct InstanceResolver {
    private var configuration: Configuration
    private var values = StatementValues(owner: "")
    /// The members of sync groups without tracking weights, whose own weights keepalived ignores.
    private let boundMembers: Set<String>

    init(configuration: Configuration) {
        self.configuration = configuration
        boundMembers = Set(
            configuration.syncGroups.filter { !$0.usesTrackingWeight }.flatMap(\.members).map(\.text))
    }

    mutating func resolve() -> Configuration {
        for index in configuration.instances.indices {
            var instance = configuration.instances[index]
            values.owner = instance.name
            resolveBasics(&instance)
            resolveAuthentication(&instance)
            resolvePreemption(&instance)
            resolveTransport(&instance)
            resolveInterval(&instance)
            resolveTracking(&instance)
            checkRequired(instance)
            configuration.instances[index] = instance
        }
        checkScripts()
        configuration.problems += values.problems
        return configuration
    }

    private mutating func note(
        _ kind: ConfigurationProblem.Kind, _ keyword: String, at location: ConfigurationLocation?,
        _ instance: Instance,
        text: String = "", _ consequence: String
    ) {
        values.problems.append(
            ConfigurationProblem(
                kind, owner: instance.name, keyword: keyword, text: text,
                at: location ?? instance.location, consequence: consequence))
    }

    private mutating func resolveBasics(_ instance: inout Instance) {
        let isModern = configuration.version >= KeepalivedVersion(2, 0, 0)
        if instance.strict.isDefault { instance.strict.value = configuration.global.strict.value }
        if instance.family == .ipv6 {
            if instance.version.value == 2, instance.strict.value {
                note(
                    .reset, "version", at: instance.version.location, instance,
                    "version 3 is used: strict mode has no IPv6 in version 2")
                instance.version.value = 3
            }
            if instance.version.value == 0 { instance.version.value = 3 }
        }
        if instance.version.value == 0 {
            instance.version = Setting(configuration.global.vrrpVersion.value)
        }
        if instance.priority.value == 0 {
            let isMaster = instance.state.value == .master && isModern
            instance.priority = Setting(isMaster ? 255 : 100)
        }
        if instance.state.isDefault {
            instance.state = Setting(instance.isOwner && isModern ? .master : .backup)
        } else if instance.strict.value, isModern, (instance.state.value == .master) != instance.isOwner {
            note(
                .reset, "state", at: instance.state.location, instance,
                "strict mode makes the owner (priority 255) MASTER and everyone else BACKUP")
            instance.state.value = instance.isOwner ? .master : .backup
        }
        if instance.accept.isDefault {
            instance.accept.value = instance.isOwner || !instance.strict.value
        }
    }

    private mutating func resolveAuthentication(_ instance: inout Instance) {
        guard let authentication = instance.authentication else { return }
        var consequence: String?
        if instance.strict.value {
            consequence = "strict mode has no authentication; it is ignored"
        } else if instance.version.value == 3 {
            consequence = "VRRP version 3 has no authentication; it is ignored"
        } else if authentication.value.secret.bytes.isEmpty {
            consequence = "there is no password, so there is no authentication"
        } else if instance.family == .ipv6, authentication.value.kind == .header {
            consequence = "AH does not go with IPv6; it is ignored"
        }
        guard let consequence else { return }
        note(.reset, "authentication", at: authentication.location, instance, consequence)
        instance.authentication = nil
    }

    private mutating func resolvePreemption(_ instance: inout Instance) {
        let isMaster = instance.state.value == .master
        if instance.nopreempt.value, instance.isOwner || isMaster {
            note(
                .reset, "nopreempt", at: instance.nopreempt.location, instance,
                isMaster
                    ? "nopreempt does not go with `state MASTER` and is cleared: this node does preempt"
                    : "nopreempt does not go with priority 255 and is cleared: this node does preempt")
            instance.nopreempt.value = false
        }
        guard instance.preemptDelay.value > .zero else { return }
        var consequence: String?
        if isMaster {
            consequence = "preempt_delay does not go with `state MASTER` and is cleared"
        } else if instance.strict.value {
            consequence = "preempt_delay does not go with strict mode and is cleared"
        } else if instance.nopreempt.value {
            consequence = "preempt_delay does not go with nopreempt and is cleared"
        }
        guard let consequence else { return }
        note(.reset, "preempt_delay", at: instance.preemptDelay.location, instance, consequence)
        instance.preemptDelay.value = .zero
    }

    private mutating func resolveTransport(_ instance: inout Instance) {
        instance.isUnicast = !instance.unicastPeers.isEmpty
        if configuration.global.checksUnicastSource.value { instance.checksUnicastSource = true }
        if instance.isUnicast {
            if let group = instance.multicastGroup {
                note(
                    .reset, "mcast_dst_ip", at: group.location, instance,
                    "a multicast group does not go with unicast peers and is ignored")
            }
            instance.multicastGroup = nil
        } else if instance.multicastGroup == nil {
            instance.multicastGroup = Setting(
                instance.family == .ipv6
                    ? configuration.global.multicastGroup6.value
                    : configuration.global.multicastGroup4.value)
        }
        if instance.mentionsUnicast, !instance.isUnicast, !instance.faultsWithoutPeers {
            note(
                .reset, "unicast_peer", at: instance.unicastLocation ?? instance.sourceAddress?.location,
                instance,
                "there are no unicast peers, so adverts go out by multicast")
        }
        if var vmac = instance.vmac, instance.mentionsUnicast, !vmac.value.sendsFromBase {
            note(
                .reset, "use_vmac", at: vmac.location, instance,
                "unicast needs vmac_xmit_base, which keepalived sets")
            vmac.value.sendsFromBase = true
            instance.vmac = vmac
        }
    }

    private mutating func resolveInterval(_ instance: inout Instance) {
        let written = instance.advertInterval.value
        let unit: Duration = instance.version.value == 3 ? .milliseconds(10) : .seconds(1)
        let longest: Duration = instance.version.value == 3 ? .milliseconds(40_950) : .seconds(255)
        var rounded = written
        if written > longest {
            rounded = longest
        } else {
            // Rounded to the nearest unit; the minimum is one unit.
            let units = Int((written + unit / 2) / unit)
            rounded = unit * max(1, units)
        }
        guard rounded != written else { return }
        instance.advertInterval.value = rounded
        note(
            .reset, "advert_int", at: instance.advertInterval.location, instance,
            "VRRP version \(instance.version.value) cannot send it: \(rounded) is used")
    }

    private mutating func resolveTracking(_ instance: inout Instance) {
        let own = instance.interface?.value
        for entry in instance.trackInterfaces where entry.name == own && instance.vmac == nil {
            note(
                .reset, "track_interface", at: entry.location, instance, text: entry.name,
                "keepalived tracks an instance's own interface anyway and ignores the line")
        }
        instance.trackInterfaces.removeAll { $0.name == own && instance.vmac == nil }
        guard instance.isOwner || boundMembers.contains(instance.name),
            configuration.version >= KeepalivedVersion(2, 0, 0)
        else { return }
        let reason =
            instance.isOwner ? "priority 255 never changes" : "the members of a sync group have no weights"
        for (keyword, entries) in [
            ("track_interface", instance.trackInterfaces), ("track_script", instance.trackScripts),
            ("track_file", instance.trackFiles), ("track_process", instance.trackProcesses),
        ] {
            for entry in entries where entry.weight != 0 {
                note(
                    .reset, keyword, at: entry.location, instance, text: entry.name,
                    "the weighted entry is ignored: \(reason)")
            }
        }
        // A weighted file stays with weight 0 (vrrp.c); other weighted entries are removed.
        instance.trackScripts.removeAll { $0.weight != 0 }
        instance.trackInterfaces.removeAll { $0.weight != 0 }
        instance.trackProcesses.removeAll { $0.weight != 0 }
        for index in instance.trackFiles.indices { instance.trackFiles[index].weight = 0 }
    }

    private mutating func checkRequired(_ instance: Instance) {
        if instance.virtualRouterID == nil {
            note(.required, "virtual_router_id", at: nil, instance, "keepalived refuses to run")
        }
        if instance.interface == nil, !instance.isUnicast {
            note(
                .required, "interface", at: nil, instance, "keepalived refuses to run (`Unknown interface!`)")
        }
        if instance.addresses.isEmpty {
            note(
                .required, "virtual_ipaddress", at: nil, instance,
                instance.version.value == 3 || instance.strict.value
                    ? "keepalived refuses to run" : "the instance protects no address")
        }
    }

    private mutating func checkScripts() {
        let used = Set(
            configuration.instances.flatMap(\.trackScripts).map(\.name)
                + configuration.syncGroups.flatMap(\.trackScripts).map(\.name)
                + values.problems.filter { $0.keyword == "track_script" }.map(\.text))
        for script in configuration.scripts where !used.contains(script.name) {
            values.problems.append(
                ConfigurationProblem(
                    .unused, owner: script.name, keyword: "vrrp_script", text: script.name,
                    at: script.location, consequence: "nothing tracks the script and it never runs"))
        }
        let names = Set(configuration.instances.map(\.name))
        for group in configuration.syncGroups {
            for member in group.members where !names.contains(member.text) {
                values.problems.append(
                    ConfigurationProblem(
                        .notFound, owner: group.name, keyword: "group", text: member.text,
                        at: member.location, consequence: "the member is ignored"))
            }
        }
    }
}
