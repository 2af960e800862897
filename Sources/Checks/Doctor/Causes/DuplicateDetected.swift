import Addresses
import Facts
import Keepalived
import Remote

/// The kernel does not use a virtual address, because another machine answered for it.
///
/// Condition: a daemon claims the address, and its kernel has it as `dadfailed`, or as `tentative` in both samples.
/// Why: duplicate address detection (RFC 4862) found the address on another machine, or gets no end; such an address answers
/// nobody.
/// Remedy: take the address from the other machine; then restart keepalived, which sets it without detection (`nodad`).
struct DuplicateDetected: Cause {
    static let id = DoctorID.vipDuplicateDetected

    func diagnose(_ observation: ClusterObservation) -> [Diagnosis] {
        observation.after.compactMap { ownership -> Diagnosis? in
            guard observation.unexplained.contains(.claimedButAbsent(ownership.vip)),
                let view = ownership.nodes.first(where: { $0.claimsMaster && $0.unused != nil }),
                let unused = view.unused
            else { return nil }
            let isTentative = unused.hasSuffix(Interface.Held.Unused.tentative.rawValue)
            return Diagnosis(
                Self.id, nodes: [view.node.name],
                "the kernel of \(view.node) does not use \(ownership.vip): \(unused)",
                effect: "\(ownership.vip) answers nobody, and keepalived on \(view.node) keeps it",
                fix: isTentative
                    ? "systemctl restart keepalived on \(view.node)  (it sets the address without detection); and find what set it anew"
                    : "find the machine that answers for \(ownership.vip) and take the address from it; then systemctl restart keepalived on \(view.node)",
                evidence: observation.probeResult(on: ownership.vip),
                explains: [.claimedButAbsent(ownership.vip)])
        }
    }
}
