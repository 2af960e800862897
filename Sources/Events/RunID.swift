import Synchronization

/// The name of one run of haops: `20261121T084349Z-k3x9f2`, the time at which it began and a part of its own.
///
/// Events carry it. The nodes of a cluster know the run by the time at which their cluster's turn came and the same part:
/// names sort by time, in the order in which runs had a node's lock.
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let text: String

    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.text = text }

    /// A name that nobody has yet.
    package static func new(at time: UTCTime = .now) -> RunID {
        RunID(time.compact + "-" + String(UInt32.random(in: .min ... .max), radix: 36))
    }

    /// When it began, by the clock of the machine that it ran on; `nil` when the name does not tell.
    package var began: UTCTime? { UTCTime(text.prefix { $0 != "-" }) }

    /// What all names of one run have in common; all of the name when it is of another form.
    package var ownPart: String {
        guard began != nil, let hyphen = text.firstIndex(of: "-") else { return text }
        return String(text[text.index(after: hyphen)...])
    }

    package var description: String { text }

    package static func < (left: RunID, right: RunID) -> Bool { left.text < right.text }
}

/// The names under which nodes know one run.
package final class RunNames: Sendable {
    package let run: RunID
    private let given = Mutex<Set<[String]>>([])

    package init(_ run: RunID = .new()) { self.run = run }

    /// The name for the work on a cluster that begins now. It is never one that the cluster's nodes have seen already: the
    /// files that were saved under it would be lost.
    package func name(for cluster: String, at time: UTCTime = .now) -> RunID {
        let name = RunID(time.compact + "-" + run.ownPart)
        let isNew = given.withLock { $0.insert([cluster, name.text]).inserted }
        return isNew ? name : .new(at: time)
    }
}
