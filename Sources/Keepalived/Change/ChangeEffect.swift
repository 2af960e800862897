import Addresses

/// What a new configuration requires to take effect, and what that does to the addresses.
package struct ChangeEffect: Hashable, Sendable {
    package enum Level: String, Hashable, Sendable, Comparable, CaseIterable {
        /// Both mean the same; the file may be replaced without a reload.
        case none
        /// SIGHUP is enough, and an owner stays owner.
        case reload
        /// Nodes with the old and the new configuration reject each other's adverts, so all must reload within a
        /// master-down time.
        case synchronisedReload = "synchronised-reload"
        /// A reload makes the owner remove its addresses.
        case failover
        /// Only a restarted process applies the change.
        case restart

        package static func < (left: Level, right: Level) -> Bool {
            (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
        }
    }

    package struct Reason: Hashable, Sendable {
        package var level: Level
        package var change: Change
        /// A sentence that names the instance and the keyword.
        package var text: String
        /// Whether an address may move although the reload itself keeps it, as after a change of priority.
        package var mayMoveAddresses = false
        /// Whether a node with the new configuration and one with the old ignore each other's adverts.
        package var breaksPeerCompatibility = false
    }

    package var reasons: [Reason]

    package init(reasons: [Reason]) { self.reasons = reasons }

    /// The highest level of the reasons.
    package var level: Level { reasons.map(\.level).max() ?? .none }

    package var mayMoveAddresses: Bool { reasons.contains { $0.mayMoveAddresses || $0.level >= .failover } }

    /// Whether nodes with the old and the new configuration ignore each other's adverts, so that both become
    /// MASTER.
    package var breaksPeerCompatibility: Bool {
        reasons.contains { $0.breaksPeerCompatibility || $0.level == .synchronisedReload }
    }
}

/// Determines the effect of changing one node's configuration.
///
/// The rules are those of a reload in keepalived 2.x. Instances are matched by router id, family, interface and
/// transport, not by name. A matched MASTER keeps its state and its addresses (vrrp.c `vrrp_exist`,
/// `clear_diff_vrrp`).
///
/// - `version`: the keepalived version on the node.
package func effect(
    of old: Configuration, to new: Configuration, version: KeepalivedVersion
) -> ChangeEffect {
    let judge = ChangeJudge(old: old, new: new, version: version)
    return ChangeEffect(reasons: difference(from: old, to: new).map { judge.reason(for: $0) })
}

struct ChangeJudge {
    let old: Configuration
    let new: Configuration
    let version: KeepalivedVersion

    func reason(for change: Change) -> ChangeEffect.Reason {
        switch change.keyword {
        case "process-wide settings":
            return reason(.restart, change, "the namespace and the instance name are read only at start")
        case "vrrp_instance":
            return instanceReason(change)
        case "virtual_router_id", "interface", "address family", "transport", "mcast_dst_ip",
            "unicast_src_ip",
            "mcast_src_ip", "use_vmac", "use_ipvlan":
            return identityReason(change)
        case "authentication", "version", "advert_int", "virtual_ipaddress":
            return agreementReason(change)
        case "track_script":
            return scriptReason(change)
        case "priority", "weight", "weight reverse", "track_file", "track_interface", "track_process",
            "nopreempt":
            var result = reason(
                .reload, change, "takes effect at reload and may hand the addresses to a peer")
            result.mayMoveAddresses = change.keyword != "nopreempt" || change.new == "false"
            return result
        case "state":
            return reason(.reload, change, "counts only when keepalived starts")
        default:
            return reason(.reload, change, "takes effect at reload")
        }
    }

    private func reason(
        _ level: ChangeEffect.Level, _ change: Change, _ what: String
    ) -> ChangeEffect.Reason {
        ChangeEffect.Reason(level: level, change: change, text: "\(change): \(what)")
    }

    /// The reason for an instance that was added, removed or renamed.
    private func instanceReason(_ change: Change) -> ChangeEffect.Reason {
        if change.new == nil, let instance = old.instance(named: change.subject) {
            if let twin = new.instances.first(where: { $0.identity == instance.identity }) {
                return reason(
                    .reload, change,
                    "`\(twin.name)` has the same router id, family and interface, so it goes on as that instance"
                )
            }
            return reason(.failover, change, "keepalived gives up its addresses at reload")
        }
        if let instance = new.instance(named: change.subject),
            old.instances.contains(where: { $0.identity == instance.identity })
        {
            return reason(.reload, change, "it takes the place of the instance with the same router id")
        }
        return reason(.reload, change, "a new instance starts as BACKUP and waits its master-down time")
    }

    private func identityReason(_ change: Change) -> ChangeEffect.Reason {
        let isSource = change.keyword == "mcast_src_ip"
        if isSource {
            return reason(
                .reload, change, "the source of multicast adverts is not part of an instance's identity")
        }
        let isVirtualMAC = change.keyword == "use_vmac" || change.keyword == "use_ipvlan"
        var result = reason(
            .failover, change,
            "keepalived takes it for another instance at reload and lets go of the addresses"
                + (isVirtualMAC ? "" : "; nodes that differ in it do not hear each other"))
        result.breaksPeerCompatibility = !isVirtualMAC
        return result
    }

    private func agreementReason(_ change: Change) -> ChangeEffect.Reason {
        let refuses = "nodes with the old and the new value refuse each other's adverts"
        switch change.keyword {
        case "virtual_ipaddress":
            func advertised(_ configuration: Configuration) -> Set<IPAddress> {
                Set(configuration.instance(named: change.subject)?.addresses.map(\.address) ?? [])
            }
            // An advert contains addresses without devices and labels (RFC 5798 section 5.2.9).
            if advertised(old) == advertised(new) {
                return reason(.reload, change, "the adverts stay the same; the owner sets the address anew")
            }
            if version.dropsAdvertsWithOtherAddresses {
                return reason(
                    .synchronisedReload, change, refuses + " (2.0.0 to 2.3.2) and all become MASTER")
            }
            return reason(
                .reload, change,
                version.dropsDisagreeingAdverts
                    ? "a different list is only logged since 2.3.3"
                    : "a BACKUP of 1.x logs the difference and stays BACKUP")
        case "advert_int":
            let isVersion3 = new.instance(named: change.subject)?.version.value == 3
            return isVersion3
                ? reason(.reload, change, "a VRRP version 3 BACKUP adopts the interval of its MASTER")
                : reason(.synchronisedReload, change, refuses)
        default:
            return version.dropsDisagreeingAdverts
                ? reason(.synchronisedReload, change, refuses + " and all become MASTER")
                : reason(.reload, change, "a BACKUP of 1.x refuses the adverts but stays BACKUP")
        }
    }

    private func scriptReason(_ change: Change) -> ChangeEffect.Reason {
        let before = Set(old.instance(named: change.subject)?.trackScripts.map(\.name) ?? [])
        let added =
            new.instance(named: change.subject)?.trackScripts
            .filter { $0.weight == 0 && !before.contains($0.name) } ?? []
        if !added.isEmpty, !version.reloadTrustsNewScripts {
            return reason(
                .failover, change,
                "before 2.2.5 a new script without weight takes the instance down until it has run (issue 1941)"
            )
        }
        var result = reason(.reload, change, "takes effect at reload and may hand the addresses to a peer")
        result.mayMoveAddresses = true
        return result
    }
}

extension Instance {
    /// The properties by which keepalived matches instances across a reload.
    struct Identity: Hashable {
        var routerID: Int?
        var family: Family
        var interface: String?
        var isUnicast: Bool
        var transport: String
    }

    var identity: Identity {
        let transport = isUnicast ? sourceAddress.map { "\($0)" } : multicastGroup.map { "\($0)" }
        return Identity(
            routerID: virtualRouterID?.value, family: family, interface: interface?.value,
            isUnicast: isUnicast,
            transport: transport ?? "")
    }
}
