package import Keepalived

/// What happens to one instance at one failure: who owns its addresses then, after how long, and whether that serves.
package struct ReadinessRow: Hashable, Sendable {
    /// How the failure ends.
    package enum Verdict: String, Hashable, Sendable, CaseIterable {
        /// One node owns the addresses, and nothing is known that keeps it from serving.
        case fine
        case nobody
        case twoOwners = "two-owners"
        /// One node owns them, and another one without keepalived still has them.
        case leftover
        /// The service is gone, and the addresses stay where they are.
        case noMove = "no-move"
        /// The new owner does not serve.
        case doesNotServe = "does-not-serve"
        /// It depends on a program that haops cannot judge by reading.
        case notProvable = "not-provable"

        /// Whether the operator has to do something about it.
        package var isBad: Bool {
            switch self {
            case .fine, .notProvable: false
            case .nobody, .twoOwners, .leftover, .noMove, .doesNotServe: true
            }
        }
    }

    /// Whether the node that owns the addresses then would serve.
    package enum Service: Hashable, Sendable {
        case yes
        /// Why it would not.
        case no([String])
        /// It serves, but not what the owner serves now; the differences.
        case differently([String])
        /// What is not known.
        case unknown([String])
        /// haproxy has nothing to do with the addresses.
        case addressOnly
        /// Nobody owns them.
        case nobody
    }

    /// What happens when the failure ends.
    package enum Afterwards: Hashable, Sendable {
        /// The owner never changed.
        case unchanged
        /// The addresses go back to the owner of today, so long after the end of the failure.
        case goesBack(to: String, after: OutagePrediction)
        /// They stay where the failure moved them, and why.
        case stays(on: String, why: String)
        /// Of several owners one is left.
        case oneIsLeft(String)
        case nobody
        /// Several owners although nothing fails any more.
        case severalOwners([String])
    }

    package var failure: FailureCase
    /// The nodes that fail.
    package var nodes: [String]
    /// The interface or the tracked object that fails.
    package var subject: String?
    /// The nodes whose keepalived is MASTER then and whose addresses can be reached, in the order of the cluster.
    package var owners: [String] = []
    /// Nodes that have the addresses without a keepalived that claims them.
    package var leftovers: [String] = []
    /// When another node has taken over, counted from the failure; `nil` when none does.
    package var takeover: OutagePrediction?
    /// For how long the service is gone; `nil` when it does not come back by itself, or when two answer.
    package var silence: OutagePrediction?
    package var service = Service.addressOnly
    package var afterwards = Afterwards.unchanged
    package var verdict = Verdict.fine
    /// Why it ends so, a sentence each.
    package var reasons: [String] = []
    /// What makes it end otherwise; empty where nothing is to be done.
    package var fix = ""
    package var evidence: [Evidence] = []

    package init(_ failure: FailureCase, of nodes: [String], subject: String? = nil) {
        self.failure = failure
        self.nodes = nodes
        self.subject = subject
    }

    /// "check-fails check_haproxy on lb1", "crash lb1+lb2": what an operator types for it.
    package var title: String {
        let nodes = nodes.joined(separator: "+")
        return subject.map { "\(failure.rawValue) \($0) on \(nodes)" } ?? "\(failure.rawValue) \(nodes)"
    }
}

extension OutagePrediction {
    package static let none = OutagePrediction(shortest: .zero, longest: .zero)

    /// "none", "0.6 s", "2.6 to 3.6 s".
    package var words: String {
        let (first, last) = (shortest.inTenths, longest.inTenths)
        if longest == .zero { return "none" }
        return first == last ? "\(last) s" : "\(first) to \(last) s"
    }

    static func + (left: OutagePrediction, right: OutagePrediction) -> OutagePrediction {
        OutagePrediction(shortest: left.shortest + right.shortest, longest: left.longest + right.longest)
    }
}

extension Duration {
    /// Seconds with one digit, rounded: "3.6"; two digits where it would be nothing.
    fileprivate var inTenths: String {
        let hundredths = Int(components.seconds) * 100 + Int(components.attoseconds / 10_000_000_000_000_000)
        guard hundredths >= 10 || hundredths == 0 else { return "0.0\(hundredths)" }
        let tenths = (hundredths + 5) / 10
        return "\(tenths / 10).\(tenths % 10)"
    }
}
