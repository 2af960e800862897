import Addresses
import Facts
import Keepalived
import Remote

/// keepalived runs and does nothing: its process is stopped or blocked, or does not read what arrives.
///
/// Condition: in both samples a keepalived process is stopped (state T), traced, or in a frozen control group; or it waits
/// for a device (state D) and answers no signal; or its socket holds unread adverts and the daemon counts none.
/// Why: the process sends no adverts and removes no address, so another node takes them as well; a BACKUP takes over
/// nothing.
/// Remedy: end what stops it (a debugger, a freezer, a device or file system that does not answer), then restart
/// keepalived.
struct DaemonStalled: Cause {
    static let id = DoctorID.daemonStalled

    private struct Reason {
        var words: String
        var fix: String
        var isOfMain = false
        /// Sockets are one instance's.
        var address: IPAddress?
    }

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.reachable.compactMap { node -> Diagnosis? in
            let reasons = Self.reasons(node, in: observation)
            guard let first = reasons.first else { return nil }
            let routers = observation.routers.filter { $0.nodes.contains(node.name) }
            let isPartial = reasons.allSatisfy(\.isOfMain)
            return Diagnosis(
                Self.id, severity: isPartial ? .warning : .error, nodes: [node.name],
                isPartial
                    ? "keepalived's main process on \(node.name) does not work"
                    : "keepalived on \(node.name) does not work, although it runs",
                effect: isPartial
                    ? "it passes on no signal: keepalived cannot be reloaded, and is not restarted when it fails"
                    : "\(node.name) sends and hears no adverts, keeps the addresses that it has, and takes over none",
                fix: first.fix,
                evidence: reasons.map { Evidence(.kernel, on: node.name, $0.words) }
                    + [node.serviceWords("keepalived")]
                    + routers.flatMap { $0.members.map { $0.traffic(in: observation.seconds) } },
                explains: isPartial
                    ? []
                    : routers.reduce(into: []) { $0.formUnion(Self.effects(on: $1, node.name, observation)) })
        }
    }

    private static func reasons(_ node: DoctorNode, in observation: ClusterObservation) -> [Reason] {
        guard let (before, after) = node.advertSockets else { return [] }
        var reasons: [Reason] = []
        for process in after.processes {
            guard let earlier = before.processes.first(where: { $0.pid == process.pid }) else { continue }
            let isMain = after.isMain(process) && after.processes.count > 1
            let name =
                isMain ? "keepalived's main process \(process.pid)" : "keepalived's process \(process.pid)"
            if process.isFrozen, earlier.isFrozen {
                reasons.append(
                    Reason(
                        words: "\(name) is in a frozen control group",
                        fix: "systemctl thaw keepalived on \(node.name), or end what has frozen it",
                        isOfMain: isMain))
            } else if process.isHalted, earlier.isHalted {
                let isTraced = process.state == "t"
                reasons.append(
                    Reason(
                        words:
                            "\(name) is \(isTraced ? "stopped by a debugger" : "stopped") (state \(process.state))",
                        fix: (isTraced ? "end the debugger, then " : "")
                            + "systemctl restart keepalived on \(node.name), and find out what stopped it",
                        isOfMain: isMain))
            } else if process.state == "D", earlier.state == "D", node.daemon?.roleSource != .daemon {
                reasons.append(
                    Reason(
                        words:
                            "\(name) waits for a device (state D\(process.waitsIn.map { ", in \($0)" } ?? ""))",
                        fix:
                            "find the disk or file system of \(node.name) that does not answer (dmesg), then systemctl restart keepalived",
                        isOfMain: isMain))
            }
        }
        guard reasons.isEmpty else { return reasons.sorted { !$0.isOfMain && $1.isOfMain } }
        for socket in after.sockets where socket.unread > 0 {
            guard before.sockets.contains(where: { $0.address == socket.address && $0.unread > 0 }) else {
                continue
            }
            let isRead = observation.routers.flatMap(\.members).contains { member in
                member.name == node.name && ((member.received ?? 0) > 0 || !member.refused.isEmpty)
            }
            guard !isRead else { continue }
            reasons.append(
                Reason(
                    words:
                        "its socket on \(socket.address) holds \(socket.unread) bytes that keepalived does not read"
                        + (socket.dropped > 0 ? ", and has dropped \(socket.dropped) packets" : ""),
                    fix: "systemctl restart keepalived on \(node.name), and find out what keeps it busy",
                    address: socket.address))
        }
        return reasons
    }

    /// What comes of a node that takes no part: its addresses stay, and others take them too.
    private static func effects(
        on router: VirtualRouter, _ name: String, _ observation: ClusterObservation
    ) -> Set<Symptom> {
        observation.symptoms(of: router).filter { symptom in
            switch symptom {
            case .splitBrain, .unsettled, .refusals: true
            case .orphan(let vip), .claimedButAbsent(let vip):
                observation.holders(of: vip).contains(name) || observation.holders(of: vip).isEmpty
            case .unowned: true
            default: false
            }
        }
    }
}
