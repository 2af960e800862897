/// The name of one run of haops: `20261121T084349Z-k3x9f2`. It sorts by time, and two runs never share it.
///
/// Events carry it, and so do the locks, journals and saved sets on the nodes.
package struct RunID: Hashable, Comparable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    package let text: String

    package init(_ text: String) { self.text = text }
    package init(stringLiteral text: String) { self.text = text }

    /// A name that nobody has yet.
    package static func new(at time: UTCTime = .now) -> RunID {
        RunID(time.compact + "-" + String(UInt32.random(in: .min ... .max), radix: 36))
    }

    /// When the run began, by the clock of the machine that it ran on; `nil` when the name does not tell.
    package var began: UTCTime? { UTCTime(text.prefix { $0 != "-" }) }

    package var description: String { text }

    package static func < (left: RunID, right: RunID) -> Bool { left.text < right.text }
}
