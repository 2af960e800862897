/// What doctor can say after one look, while it goes on to compare two: what is wrong, and the causes whose proof stands in
/// the configurations and filters. What has to be counted or awaited is not concluded from one look.
package struct FirstLook: Sendable, CustomStringConvertible {
    /// What is wrong, a sentence each.
    package var problems: [String]
    /// Causes that are proven already.
    package var causes: [Finding]
    private var summary: String

    /// No more of either are said: the final answer follows within seconds.
    private static let most = 3

    /// - `observation`: with the same answers before and after.
    package init(_ observation: ClusterObservation) {
        let addresses = observation.after.filter { $0.verdict != .owned }
        problems = addresses.map { "\($0.vip) is \($0.verdict.rawValue): \($0.reason)" }
        for symptom in observation.unexplained {
            switch symptom {
            case .daemonDown(let node): problems.append("keepalived does not run on \(node)")
            case .fault(let node, let instance): problems.append("\(instance) is in FAULT on \(node)")
            default: continue
            }
        }
        problems.sort()
        causes = Self.provenAtOnce.flatMap { $0.diagnose(observation) }
            // Of two nodes that both are MASTER, and of nothing that may be so on purpose.
            .filter { $0.finding.severity == .error && !$0.explained.isEmpty }.map(\.finding)
        let counts = DoctorSummary([observation]).description
        summary = counts.replacing("no problems: ", with: "nothing wrong so far: ")
    }

    /// The causes that read configurations and rules, and compare no counters.
    private static let provenAtOnce: [any Cause] = [
        RouterIDsDiffer(), MixedTransport(), UnicastPeers(), VersionsDiffer(), AuthenticationDiffers(),
        AdvertIntervalsDiffer(), AddressSetsDiffer(), BothOwners(), FirewallOutput(), FirewallInput(),
    ]

    /// "203.0.113.50 is split-brain: both lb1 and lb2 hold it as MASTER; so far: cause-vrid-differs: …".
    package var description: String {
        guard !problems.isEmpty else { return summary }
        let found = causes.prefix(Self.most).map { "\($0.id): \($0.message)" }
        return Self.listed(problems) + (found.isEmpty ? "" : "; so far: \(found.joined(separator: "; "))")
    }

    private static func listed(_ words: [String]) -> String {
        let rest = words.count - most
        return words.prefix(most).joined(separator: "; ") + (rest > 0 ? "; and \(rest) more" : "")
    }
}
