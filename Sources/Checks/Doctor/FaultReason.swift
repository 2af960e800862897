import Addresses
import Facts
import Keepalived
import Remote

/// Why one node's instance is in FAULT, with its proof: what the kernel and the check show now, else what keepalived
/// wrote to its journal when it entered the state.
struct FaultReason {
    enum Kind {
        case interface, address, check, process, file
    }

    var kind: Kind
    /// "interface eth1", "the check `web`".
    var subject: String
    /// What is wrong with it: "is down".
    var state: String
    var evidence: [Evidence]
    /// The name of the check, if it is one.
    var check: String?

    /// All reasons of one member, the most certain first.
    static func reasons(of member: VirtualRouter.Member) -> [FaultReason] {
        let entered = member.logged { if case .becameFault(_?) = $0 { true } else { false } }.suffix(1)
        let seen = interfaces(of: member) + addresses(of: member) + checks(of: member) + files(of: member)
        guard seen.isEmpty else {
            return seen.map { reason in
                var reason = reason
                reason.evidence += entered
                return reason
            }
        }
        return logged(by: member).map { [$0] } ?? []
    }

    private static func interfaces(of member: VirtualRouter.Member) -> [FaultReason] {
        let node = member.node
        // keepalived also tracks the interfaces of its addresses, but for `no_track`.
        let carrying = (member.instance?.allAddresses ?? []).filter { !$0.isUntracked }.compactMap(\.device)
        let tracked = member.instance?.trackInterfaces.map(\.name) ?? []
        let names = Set([member.interface] + tracked + carrying)
        return names.filter { !$0.isEmpty }.sorted().compactMap { name in
            guard let interface = node.interfaces.first(where: { $0.name == name }) else {
                return FaultReason(
                    kind: .interface, subject: "interface \(name)", state: "does not exist",
                    evidence: [Evidence(.kernel, on: node.name, "there is no interface \(name)")])
            }
            guard !interface.isUp || !interface.hasCarrier else { return nil }
            let state = interface.isUp ? "has no carrier" : "is down"
            return FaultReason(
                kind: .interface, subject: "interface \(name)", state: state,
                evidence: [Evidence(.kernel, on: node.name, "\(name) \(state)")])
        }
    }

    /// keepalived sends from an address of the instance's family on its interface; without one, the instance is in FAULT.
    private static func addresses(of member: VirtualRouter.Member) -> [FaultReason] {
        guard let interface = member.node.interfaces.first(where: { $0.name == member.interface }),
            interface.isUp
        else { return [] }
        let family = member.isIPv6 ? "IPv6" : "IPv4"
        let own = interface.addresses.filter {
            $0.cidr.address.isIPv6 == member.isIPv6 && !member.addresses.contains($0.cidr.address)
        }
        // In IPv6 adverts come from a link-local address (RFC 5798, 5.1.2.1).
        let usable = own.filter { $0.unused == nil && (!member.isIPv6 || $0.cidr.address.isLinkLocal) }
        if let source = member.instance?.sourceAddress?.value {
            guard !own.contains(where: { $0.cidr.address == source && $0.unused == nil }) else { return [] }
        } else if !usable.isEmpty {
            return []
        }
        let unused = own.compactMap { held in held.unused.map { "\(held.cidr.address) is \($0.rawValue)" } }
        let listed = own.isEmpty ? "none" : own.map(\.cidr.description).joined(separator: ", ")
        let wanted =
            member.instance?.sourceAddress.map { "\($0.value), which its adverts come from" }
            ?? (member.isIPv6 ? "link-local IPv6 address" : "IPv4 address")
        return [
            FaultReason(
                kind: .address, subject: "interface \(member.interface)",
                state: unused.isEmpty ? "has no \(wanted)" : "has no usable \(wanted): \(joined(unused))",
                evidence: [
                    Evidence(
                        .kernel, on: member.name, "\(family) addresses of \(member.interface): \(listed)"),
                    member.evidence(at: member.instance?.sourceAddress?.location),
                ].compactMap(\.self))
        ]
    }

    private static func checks(of member: VirtualRouter.Member) -> [FaultReason] {
        let node = member.node
        let states = node.after?.known(ScriptsFact.self) ?? [:]
        return (member.instance?.trackScripts ?? []).compactMap { reference in
            guard let trial = states[reference.name]?.trial, trial.status != 0 else { return nil }
            let command =
                node.configuration?.script(named: reference.name)?.command?.text ?? reference.name
            let said =
                trial.output.isEmpty
                ? "and prints nothing" : "and prints: " + trial.output.joined(separator: " / ")
            return FaultReason(
                kind: .check, subject: "the check `\(reference.name)`", state: "fails",
                evidence: [
                    Evidence(.probe, on: node.name, "`\(command)` ends with status \(trial.status) \(said)")
                ], check: reference.name)
        }
    }

    /// A number times its weight of -254 or less is FAULT, and without a weight any number but 0 (keepalived.conf(5)).
    /// keepalived's journal does not name the file then.
    private static func files(of member: VirtualRouter.Member) -> [FaultReason] {
        let node = member.node
        return (member.instance?.trackFiles ?? []).compactMap { reference in
            guard
                let path = node.configuration?.trackFiles.first(where: { $0.name == reference.name })?.path?
                    .value,
                let file = node.after?.known(FilesFact.self)?[path], file.kind == .regular,
                let value = String(decoding: file.contents.prefix(40), as: UTF8.self)
                    .split(whereSeparator: \.isWhitespace).first.flatMap({ Int($0) })
            else { return nil }
            let weight = reference.isReversed ? -reference.weight : reference.weight
            let effect = value.multipliedReportingOverflow(by: weight)
            guard weight == 0 ? value != 0 : effect.overflow || effect.partialValue <= -254 else {
                return nil
            }
            return FaultReason(
                kind: .file, subject: "the tracked file \(path)", state: "says \(value)",
                evidence: [
                    Evidence(
                        .kernel, on: node.name, "\(path) has \(value), with the weight \(reference.weight)"),
                    node.evidence(at: reference.location),
                ].compactMap(\.self))
        }
    }

    /// By keepalived's own words when it entered FAULT last.
    private static func logged(by member: VirtualRouter.Member) -> FaultReason? {
        let names = [member.instance?.name, member.after?.name].compactMap(\.self)
        let entry = member.node.recentJournal.last { entry in
            guard case .becameFault(_?) = entry.event.kind else { return false }
            return names.contains(entry.event.subject)
        }
        guard let entry, case .becameFault(let cause?) = entry.event.kind else { return nil }
        let evidence = [Evidence(.journal, on: member.name, entry.message)]
        let words = cause.split(separator: " ").map(String.init)
        func reason(_ kind: Kind, _ subject: String, _ state: String, check: String? = nil) -> FaultReason {
            FaultReason(kind: kind, subject: subject, state: state, evidence: evidence, check: check)
        }
        // `interface eth1 down`, `script web`, `tracked process X quorum not achieved`, `tracked file F has status 1`,
        // `no IPv4 address for interface`, `src address not configured` (2.2.7: vrrp.c, vrrp_track.c).
        switch (words.first, words.count > 1 ? words[1] : nil) {
        case ("interface", let name?): return reason(.interface, "interface \(name)", "went down")
        case ("script", let name?): return reason(.check, "the check `\(name)`", "failed", check: name)
        case ("tracked", "process") where words.count > 2:
            return reason(.process, "the process `\(words[2])`", "does not run often enough")
        case ("tracked", "file") where words.count > 2:
            return reason(.file, "the tracked file `\(words[2])`", "has a number that means FAULT")
        case ("no", _), ("src", _):
            return reason(.address, "interface \(member.interface)", "has no address to send from (\(cause))")
        default: return nil
        }
    }
}

extension ClusterObservation {
    /// Whether an interface puts an instance of the node in FAULT.
    func isInFaultByInterface(_ node: DoctorNode) -> Bool {
        routers.flatMap(\.members).contains { member in
            member.node.id == node.id && member.after?.role == .fault
                && FaultReason.reasons(of: member).contains { $0.kind == .interface }
        }
    }

    /// One finding for each node and reason of a kind, for instances in FAULT that nothing has explained.
    func faults(
        _ id: DoctorID, _ kind: FaultReason.Kind, fix: (FaultReason, DoctorNode) -> String
    ) -> [Diagnosis] {
        struct Found {
            var node: DoctorNode
            var reason: FaultReason
            var instances: [String]
        }
        var found: [Found] = []
        for router in routers {
            for member in router.members {
                guard let name = member.after?.name,
                    unexplained.contains(.fault(node: member.name, instance: name)),
                    let reason = FaultReason.reasons(of: member).first(where: { $0.kind == kind })
                else { continue }
                // Of twenty instances with one check, one finding.
                if let known = found.firstIndex(where: {
                    $0.node.id == member.node.id && $0.reason.subject == reason.subject
                }) {
                    found[known].instances.append(name)
                    found[known].reason.evidence += reason.evidence
                } else {
                    found.append(Found(node: member.node, reason: reason, instances: [name]))
                }
            }
        }
        return found.map { fault in
            let verb = fault.instances.count == 1 ? "is" : "are"
            return Diagnosis(
                id, nodes: [fault.node.name],
                "\(joined(fault.instances)) \(verb) in FAULT on \(fault.node.name): \(fault.reason.subject) \(fault.reason.state)",
                effect: "\(fault.node.name) takes over nothing", fix: fix(fault.reason, fault.node),
                evidence: fault.reason.evidence,
                explains: Set(fault.instances.map { .fault(node: fault.node.name, instance: $0) })
                    .union(fault.reason.check.map { [.checkFails(node: fault.node.name, check: $0)] } ?? []))
        }
    }
}
