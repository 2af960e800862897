import Concealment

/// The differences in meaning between two configurations, as keepalived reads them.
///
/// Order counts only where it matters to keepalived: addresses, peers, tracked objects and group members are
/// sets. Comments, spelling, includes and definitions do not count. An empty result means equal meaning.
package func difference(from old: Configuration, to new: Configuration) -> [Change] {
    var finder = DifferenceFinder(old: old, new: new)
    finder.run()
    return finder.changes
}

struct DifferenceFinder {
    let old: Configuration
    let new: Configuration
    private(set) var changes: [Change] = []

    init(old: Configuration, new: Configuration) {
        self.old = old
        self.new = new
    }

    mutating func run() {
        compareGlobal()
        pair(old.scripts, new.scripts, "vrrp_script", name: \.name, place: \.location) { $0.compare($1, $2) }
        pair(old.trackFiles, new.trackFiles, "track_file", name: \.name, place: \.location) {
            $0.compare($1, $2)
        }
        pair(old.trackProcesses, new.trackProcesses, "vrrp_track_process", name: \.name, place: \.location) {
            $0.compare($1, $2)
        }
        pair(old.instances, new.instances, "vrrp_instance", name: \.name, place: \.location) {
            $0.compare($1, $2)
        }
        pair(old.syncGroups, new.syncGroups, "vrrp_sync_group", name: \.name, place: \.location) {
            $0.compare($1, $2)
        }
        set("", "static_ipaddress", old.staticAddresses.map(\.meaning), new.staticAddresses.map(\.meaning))
        list("", "static_routes", old.staticRoutes, new.staticRoutes)
        list("", "static_rules", old.staticRules, new.staticRules)
        statements("", old.others, new.others)
    }

    // MARK: Helpers

    private mutating func pair<Item>(
        _ old: [Item], _ new: [Item], _ keyword: String, name: (Item) -> String,
        place: (Item) -> ConfigurationLocation, compare: (inout DifferenceFinder, Item, Item) -> Void
    ) {
        // Names may be used twice. The first of one side is then compared with the first of the other.
        var partners = Dictionary(grouping: new.reversed(), by: name)
        for item in old {
            if let other = partners[name(item)]?.popLast() {
                compare(&self, item, other)
            } else {
                changes.append(
                    Change(name(item), keyword, old: name(item), new: nil, oldLocation: place(item)))
            }
        }
        for item in partners.values.flatMap({ $0 }).sorted(by: { place($0) < place($1) }) {
            changes.append(Change(name(item), keyword, old: nil, new: name(item), newLocation: place(item)))
        }
    }

    private mutating func value<Value: Equatable & Sendable>(
        _ subject: String, _ keyword: String, _ old: Setting<Value>?, _ new: Setting<Value>?,
        text: (Value) -> String = { "\($0)" }
    ) {
        guard old?.value != new?.value else { return }
        changes.append(
            Change(
                subject, keyword, old: old.map { text($0.value).hidingCommandSecrets },
                new: new.map { text($0.value).hidingCommandSecrets },
                oldLocation: old?.location, newLocation: new?.location))
    }

    private mutating func plain<Value: Equatable>(
        _ subject: String, _ keyword: String, _ old: Value, _ new: Value
    ) {
        guard old != new else { return }
        changes.append(
            Change(
                subject, keyword, old: "\(old)".hidingCommandSecrets, new: "\(new)".hidingCommandSecrets))
    }

    /// Compares without order; repeated entries count once.
    private mutating func set(_ subject: String, _ keyword: String, _ old: [String], _ new: [String]) {
        let before = Set(old)
        let after = Set(new)
        guard before != after else { return }
        let gone = before.subtracting(after).sorted().map(\.hidingCommandSecrets)
        let come = after.subtracting(before).sorted().map(\.hidingCommandSecrets)
        changes.append(
            Change(
                subject, keyword, old: gone.isEmpty ? nil : gone.joined(separator: ", "),
                new: come.isEmpty ? nil : come.joined(separator: ", ")))
    }

    private mutating func list(_ subject: String, _ keyword: String, _ old: [Statement], _ new: [Statement]) {
        let before = old.map(\.meaning)
        let after = new.map(\.meaning)
        guard before != after else { return }
        func shown(_ statements: [Statement]) -> String? {
            statements.isEmpty ? nil : statements.map { $0.shownMeaning() }.joined(separator: "; ")
        }
        changes.append(
            Change(
                subject, keyword, old: shown(old), new: shown(new),
                oldLocation: old.first?.location, newLocation: new.first?.location))
    }

    /// Statements without a field of their own, by keyword; the order within one keyword counts.
    private mutating func statements(_ subject: String, _ old: [Statement], _ new: [Statement]) {
        let before = Dictionary(grouping: old, by: \.keyword)
        let after = Dictionary(grouping: new, by: \.keyword)
        for keyword in Set(before.keys).union(after.keys).sorted() {
            list(subject, keyword, before[keyword] ?? [], after[keyword] ?? [])
        }
    }
}

// MARK: Blocks

extension DifferenceFinder {
    private mutating func compareGlobal() {
        let (before, after) = (old.global, new.global)
        value("", "router_id", before.routerID, after.routerID)
        value("", "script_user", before.scriptUser, after.scriptUser) {
            [$0.user, $0.group ?? ""].joined(separator: " ")
        }
        value("", "enable_script_security", before.scriptSecurity, after.scriptSecurity)
        value("", "dynamic_interfaces", before.dynamicInterfaces, after.dynamicInterfaces)
        value("", "default_interface", before.defaultInterface, after.defaultInterface)
        value("", "log_unknown_vrids", before.logsUnknownRouterIDs, after.logsUnknownRouterIDs)
        value("", "smtp_server", before.smtpServer, after.smtpServer)
        value("", "vrrp_check_unicast_src", before.checksUnicastSource, after.checksUnicastSource)
        list("", "process-wide settings", before.processWide, after.processWide)
        statements("", before.others, after.others)
    }

    private mutating func compare(_ old: TrackScript, _ new: TrackScript) {
        let name = old.name
        compareCommand(name, old.command, new.command)
        value(name, "interval", old.interval, new.interval)
        value(name, "timeout", old.timeout, new.timeout)
        value(name, "weight", old.weight, new.weight)
        plain(name, "weight reverse", old.isReversed, new.isReversed)
        value(name, "rise", old.rise, new.rise)
        value(name, "fall", old.fall, new.fall)
        value(name, "user", old.user, new.user) { [$0.user, $0.group ?? ""].joined(separator: " ") }
        plain(name, "init_fail", old.startsFailed, new.startsFailed)
    }

    private mutating func compare(_ old: TrackFile, _ new: TrackFile) {
        value(old.name, "file", old.path, new.path)
        value(old.name, "weight", old.weight, new.weight)
        plain(old.name, "weight reverse", old.isReversed, new.isReversed)
        value(old.name, "init_file", old.initialValue, new.initialValue)
        plain(old.name, "init_file overwrite", old.overwritesAtStart, new.overwritesAtStart)
    }

    private mutating func compare(_ old: TrackProcess, _ new: TrackProcess) {
        value(old.name, "process", old.process, new.process) { $0.joined(separator: " ") }
        value(old.name, "weight", old.weight, new.weight)
        plain(old.name, "weight reverse", old.isReversed, new.isReversed)
        value(old.name, "quorum", old.quorum, new.quorum)
        value(old.name, "quorum_max", old.quorumMaximum, new.quorumMaximum)
        statements(old.name, old.others, new.others)
    }

    private mutating func compare(_ old: SyncGroup, _ new: SyncGroup) {
        set(old.name, "group", old.members.map(\.text), new.members.map(\.text))
        compareTracking(old.name, tracking(of: old), tracking(of: new))
        plain(old.name, "sync_group_tracking_weight", old.usesTrackingWeight, new.usesTrackingWeight)
        compareNotify(old.name, old.notify, new.notify)
        statements(old.name, old.others, new.others)
    }

    private mutating func compare(_ old: Instance, _ new: Instance) {
        let name = old.name
        value(name, "state", old.state, new.state) { $0.rawValue }
        value(name, "interface", old.interface, new.interface)
        value(name, "virtual_router_id", old.virtualRouterID, new.virtualRouterID)
        value(name, "priority", old.priority, new.priority)
        value(name, "version", old.version, new.version)
        plain(name, "address family", old.family, new.family)
        value(name, "advert_int", old.advertInterval, new.advertInterval)
        value(name, "down_timer_adverts", old.downTimerAdverts, new.downTimerAdverts)
        compareAuthentication(name, old.authentication, new.authentication)
        value(name, "nopreempt", old.nopreempt, new.nopreempt)
        value(name, "preempt_delay", old.preemptDelay, new.preemptDelay)
        value(name, "strict_mode", old.strict, new.strict)
        value(name, "accept", old.accept, new.accept)
        plain(
            name, "transport", old.isUnicast ? "unicast" : "multicast",
            new.isUnicast ? "unicast" : "multicast")
        set(name, "unicast_peer", old.unicastPeers.map(\.meaning), new.unicastPeers.map(\.meaning))
        value(name, old.isUnicast ? "unicast_src_ip" : "mcast_src_ip", old.sourceAddress, new.sourceAddress)
        plain(name, "track_src_ip", old.tracksSourceAddress, new.tracksSourceAddress)
        plain(name, "check_unicast_src", old.checksUnicastSource, new.checksUnicastSource)
        plain(name, "unicast_fault_no_peer", old.faultsWithoutPeers, new.faultsWithoutPeers)
        if old.isUnicast == new.isUnicast {
            value(name, "mcast_dst_ip", old.multicastGroup, new.multicastGroup)
        }
        set(name, "virtual_ipaddress", old.meanings(of: old.addresses), new.meanings(of: new.addresses))
        set(
            name, "virtual_ipaddress_excluded", old.meanings(of: old.excludedAddresses),
            new.meanings(of: new.excludedAddresses))
        list(name, "virtual_routes", old.routes, new.routes)
        list(name, "virtual_rules", old.rules, new.rules)
        compareTracking(name, tracking(of: old), tracking(of: new))
        plain(name, "dont_track_primary", old.ignoresOwnInterface, new.ignoresOwnInterface)
        value(name, old.vmac?.value.isIPVLAN == true ? "use_ipvlan" : "use_vmac", old.vmac, new.vmac) {
            $0.interface ?? "yes"
        }
        compareGratuitousARP(name, old.garp, new.garp)
        value(name, "skip_check_adv_addr", old.skipsAdvertAddressCheck, new.skipsAdvertAddressCheck)
        plain(name, "promote_secondaries", old.promotesSecondaries, new.promotesSecondaries)
        compareNotify(name, old.notify, new.notify)
        statements(name, old.others, new.others)
    }

    /// Compares the arguments, which may contain blanks, and shows them on one line.
    private mutating func compareCommand(_ name: String, _ old: ScriptCommand?, _ new: ScriptCommand?) {
        guard old?.arguments ?? [] != new?.arguments ?? [] else { return }
        func shown(_ command: ScriptCommand?) -> String? {
            command.map { command in
                command.arguments.map { $0.contains(" ") || $0.isEmpty ? "'\($0)'" : $0 }
                    .joined(separator: " ").hidingCommandSecrets
            }
        }
        changes.append(
            Change(
                name, "script", old: shown(old), new: shown(new), oldLocation: old?.location,
                newLocation: new?.location))
    }

    /// Compares the settings by keepalived's keywords; unset ones are left out.
    private mutating func compareGratuitousARP(
        _ name: String, _ old: Instance.GratuitousARP, _ new: Instance.GratuitousARP
    ) {
        let values: [(String, KeyPath<Instance.GratuitousARP, Int?>)] = [
            ("garp_master_delay", \.shownDelay), ("garp_master_repeat", \.shownRepetitions),
            ("garp_master_refresh", \.shownRefresh),
            ("garp_master_refresh_repeat", \.shownRefreshRepetitions),
            ("garp_lower_prio_delay", \.lowerPriorityDelay),
            ("garp_lower_prio_repeat", \.lowerPriorityRepetitions),
        ]
        for (keyword, value) in values where old[keyPath: value] != new[keyPath: value] {
            changes.append(
                Change(
                    name, keyword, old: old[keyPath: value].map { "\($0)" },
                    new: new[keyPath: value].map { "\($0)" }))
        }
    }

    private mutating func compareAuthentication(
        _ name: String, _ old: Setting<Instance.Authentication>?, _ new: Setting<Instance.Authentication>?
    ) {
        value(name, "authentication", old, new) { "\($0.kind.rawValue) \($0.secret)" }
    }

    private typealias Tracking = [(keyword: String, entries: [TrackedReference])]

    private func tracking(of instance: Instance) -> Tracking {
        [
            ("track_interface", instance.trackInterfaces), ("track_script", instance.trackScripts),
            ("track_file", instance.trackFiles), ("track_process", instance.trackProcesses),
            ("track_bfd", instance.trackBFDs),
        ]
    }

    private func tracking(of group: SyncGroup) -> Tracking {
        [
            ("track_interface", group.trackInterfaces), ("track_script", group.trackScripts),
            ("track_file", group.trackFiles), ("track_process", group.trackProcesses),
            ("track_bfd", group.trackBFDs),
        ]
    }

    private mutating func compareTracking(_ name: String, _ old: Tracking, _ new: Tracking) {
        for (before, after) in zip(old, new) {
            set(name, before.keyword, before.entries.map(\.meaning), after.entries.map(\.meaning))
        }
    }

    private mutating func compareNotify(_ name: String, _ old: [Instance.Notify], _ new: [Instance.Notify]) {
        set(name, "notify", old.map(\.meaning), new.map(\.meaning))
    }
}

extension Instance {
    /// The addresses in words. A device that equals the instance's interface is left out, because it is the
    /// default.
    package func meanings(of addresses: [VirtualAddress]) -> [String] {
        addresses.map { address in
            var plain = address
            if plain.device == interface?.value { plain.device = nil }
            return plain.meaning
        }
    }
}

extension Instance.UnicastPeer {
    fileprivate var meaning: String {
        minimumTTL == 0 && maximumTTL == 255
            ? "\(address)" : "\(address) min_ttl \(minimumTTL) max_ttl \(maximumTTL)"
    }
}

extension Instance.Notify {
    fileprivate var meaning: String {
        let user = [user?.user, user?.group].compactMap { $0 }.joined(separator: " ")
        return "\(event) \"\(command.text)\"" + (user.isEmpty ? "" : " \(user)")
    }
}

extension Instance.GratuitousARP {
    fileprivate var shownDelay: Int? { delay }
    fileprivate var shownRepetitions: Int? { repetitions }
    fileprivate var shownRefresh: Int? { refresh }
    fileprivate var shownRefreshRepetitions: Int? { refreshRepetitions }
}
