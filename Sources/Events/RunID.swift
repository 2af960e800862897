import Synchronization

/// The name of one run of haops: its start time and a unique part, `20261121T084349Z-k3x9f2`.
///
/// Events contain it. On the nodes of a cluster the run's name has the start time of the work on that cluster and
/// the same unique part. So names sort in the order in which runs held a node's lock.
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let text: String

    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.text = text }

    /// A new, unique name.
    package static func new(at time: UTCTime = .now) -> RunID {
        RunID(time.compact + "-" + String(UInt32.random(in: .min ... .max), radix: 36))
    }

    /// The start time by the clock of the machine that ran haops; `nil` when the name has none.
    package var began: UTCTime? { UTCTime(text.prefix { $0 != "-" }) }

    /// The unique part, which all names of one run share; the whole name when it has another form.
    package var ownPart: String {
        guard began != nil, let hyphen = text.firstIndex(of: "-") else { return text }
        return String(text[text.index(after: hyphen)...])
    }

    package var description: String { text }

    package static func < (left: RunID, right: RunID) -> Bool { left.text < right.text }
}

/// The names of one run on the nodes, by cluster.
package final class RunNames: Sendable {
    package let run: RunID
    private let given = Mutex<Set<[String]>>([])

    package init(_ run: RunID = .new()) { self.run = run }

    /// The name for work on a cluster that begins now. It differs from all earlier names on the cluster's nodes,
    /// because files saved under an earlier name would be lost.
    package func name(for cluster: String, at time: UTCTime = .now) -> RunID {
        let name = RunID(time.compact + "-" + run.ownPart)
        let isNew = given.withLock { $0.insert([cluster, name.text]).inserted }
        return isNew ? name : .new(at: time)
    }
}
