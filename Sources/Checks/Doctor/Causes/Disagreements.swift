import Addresses
import Keepalived

/// The nodes give one virtual address to different virtual routers.
///
/// Condition: the same address, another `virtual_router_id` on each node.
/// Why: adverts of another router id are none of a node's business, so every node becomes MASTER.
/// Remedy: give the instance one router id on all nodes, one that nobody else on the segment uses.
struct RouterIDsDiffer: Cause {
    static let id = "cause-vrid-differs"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            Disagreement(
                router, on: { $0.virtualRouterID?.value },
                words: { $0.virtualRouterID.map { "\($0.value)" } ?? "none" }
            )?.diagnose { this in
                this.diagnosis(
                    Self.id, "\(router.title) has different router ids: \(this.words)",
                    effect: bothBecomeMaster,
                    fix:
                        "write the same virtual_router_id into \(router.title) on \(joined(router.nodes)), and reload",
                    at: { $0.virtualRouterID?.location }, in: patient)
            }
        }
    }
}

/// Some nodes send their adverts to peers, others to the multicast group.
///
/// Condition: `unicast_peer` on one node, none on another.
/// Why: keepalived refuses unicast adverts on a multicast instance and hears no multicast on a unicast one.
/// Remedy: the same transport on all nodes.
struct MixedTransport: Cause {
    static let id = "cause-transport-mixed"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            Disagreement(router, on: \.isUnicast, words: { $0.isUnicast ? "unicast" : "multicast" })?.diagnose
            { this in
                this.diagnosis(
                    Self.id, "\(router.title) sends its adverts in different ways: \(this.words)",
                    effect: bothBecomeMaster,
                    fix: "give \(router.title) a unicast_peer block on every node, or on none",
                    at: { $0.unicastPeers.first?.location ?? $0.location },
                    isRefusal: { if case .wrongCast = $0 { true } else { false } }, in: patient)
            }
        }
    }
}

/// The nodes speak different versions of VRRP.
///
/// Condition: `vrrp_version` or `version` differs.
/// Why: since keepalived 2.0 an advert of the other version is dropped.
/// Remedy: one version, in `global_defs` of every node.
struct VersionsDiffer: Cause {
    static let id = "cause-vrrp-version"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            Disagreement(router, on: \.version.value, words: { "version \($0.version.value)" })?.diagnose {
                this in
                this.diagnosis(
                    Self.id, "\(router.title) speaks different versions of VRRP: \(this.words)",
                    effect: bothBecomeMaster,
                    fix: "write the same vrrp_version on \(joined(router.nodes)), and reload",
                    at: { $0.version.location ?? $0.location },
                    isRefusal: { if case .wrongVersion = $0 { true } else { false } }, in: patient)
            }
        }
    }
}

/// The nodes do not share one password.
///
/// Condition: `auth_type`, or the first eight bytes of `auth_pass`, differ.
/// Why: since keepalived 2.0 an advert with another password is dropped; 1.x logs it and stays BACKUP.
/// Remedy: one `auth_pass` of at most eight characters, quoted if it holds `#` or `!`.
struct AuthenticationDiffers: Cause {
    static let id = "cause-auth"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            guard Set(router.configured.map(\.instance.version.value)).count == 1 else { return nil }
            return Disagreement(
                router, on: { $0.authentication?.value },
                words: {
                    $0.authentication.map { "auth_type \($0.value.kind.rawValue)" } ?? "no authentication"
                }
            )?.diagnose { this in
                let kinds = Set(this.values.map(\.words))
                let what = kinds.count > 1 ? this.words : "the passwords are not the same"
                return this.diagnosis(
                    Self.id, "\(router.title) does not authenticate alike: \(what)", effect: bothBecomeMaster,
                    fix: "write the same auth_type and auth_pass on \(joined(router.nodes)), and reload",
                    at: { $0.authentication?.location ?? $0.location },
                    isRefusal: {
                        switch $0 {
                        case .wrongPassword, .wrongAuthentication: true
                        default: false
                        }
                    }, in: patient)
            }
        }
    }
}

/// The nodes send adverts at different intervals.
///
/// Condition: `advert_int` differs.
/// Why: in version 2 an advert with another interval is dropped since keepalived 2.0. In version 3 a BACKUP adopts
/// the MASTER's interval, and only takes over too early at its start.
/// Remedy: one interval.
struct AdvertIntervalsDiffer: Cause {
    static let id = "cause-advert-interval"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            Disagreement(router, on: \.advertInterval.value, words: { "\($0.advertInterval.value)" })?
                .diagnose { this in
                    let isVersion3 = router.configured.allSatisfy { $0.instance.version.value == 3 }
                    return this.diagnosis(
                        Self.id, severity: isVersion3 ? .warning : .error,
                        "\(router.title) has different advert intervals: \(this.words)",
                        effect: isVersion3
                            ? "after a start the node with the shorter interval may take over for a moment"
                            : bothBecomeMaster,
                        fix: "write the same advert_int on \(joined(router.nodes)), and reload",
                        at: { $0.advertInterval.location ?? $0.location },
                        isRefusal: { if case .wrongInterval = $0 { true } else { false } }, in: patient)
                }
        }
    }
}

/// The nodes list different virtual addresses for one virtual router.
///
/// Condition: the sets of `virtual_ipaddress` differ; their order does not count.
/// Why: keepalived 2.0.0 to 2.3.2 drops an advert that does not list a node's own addresses, so both become
/// MASTER. Others log it and go on, and some addresses have no second node.
/// Remedy: one list.
struct AddressSetsDiffer: Cause {
    static let id = "cause-vip-set"

    func diagnose(_ patient: Examination) -> [Diagnosis] {
        patient.routers.compactMap { router -> Diagnosis? in
            guard Set(router.configured.map(\.instance.virtualRouterID?.value)).count == 1 else { return nil }
            let common =
                router.configured.map { Set($0.instance.addresses.map(\.address)) }
                .reduce(nil as Set<IPAddress>?) { $0?.intersection($1) ?? $1 } ?? []
            return Disagreement(
                router, on: { Set($0.addresses.map(\.address)) },
                words: { instance in
                    let own = Set(instance.addresses.map(\.address)).subtracting(common).sorted()
                    return own.isEmpty ? "nothing else" : own.map(\.description).joined(separator: " ")
                }
            )?.diagnose { this in
                this.diagnosis(
                    Self.id, "\(router.title) does not list the same addresses everywhere: \(this.words)",
                    effect: bothBecomeMaster,
                    fix: "write the same virtual_ipaddress block on \(joined(router.nodes)), and reload",
                    at: { instance in
                        (instance.addresses.first { !common.contains($0.address) } ?? instance.addresses.first)?
                            .location
                    },
                    isRefusal: {
                        switch $0 {
                        case .wrongAddressCount, .addressNotInAdvert: true
                        default: false
                        }
                    }, in: patient)
            }
        }
    }
}

extension Disagreement {
    /// So that a disagreement reads as one expression.
    func diagnose(_ body: (Disagreement) -> Diagnosis) -> Diagnosis { body(self) }
}
