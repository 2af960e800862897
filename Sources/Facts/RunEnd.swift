/// A run's last entry in a node's journal: the result on the node, and how the whole run ended.
///
/// `finished: changed; run done`, `finished: untouched; run refused: keepalived does not accept line 7`. Earlier
/// versions did not write the run's own outcome: `finished: changed` or `finished: broken("…")`.
package struct RunEnd: Hashable, Sendable {
    /// `changed`, `restored`, `untouched`.
    package var fate: String
    /// `done`, `failed`; `nil` if the journal does not contain it.
    package var outcome: String?
    package var why: String?

    package init(fate: String, outcome: String? = nil, why: String? = nil) {
        self.fate = fate
        self.outcome = outcome
        self.why = why
    }

    private static let start = "finished: "

    /// Parses a journal's event; `nil` when it is another one.
    package init?(event: some StringProtocol) {
        guard event.hasPrefix(Self.start) else { return nil }
        let text = event.dropFirst(Self.start.count)
        if let separator = text.firstRange(of: "; run ") {
            let rest = text[separator.upperBound...]
            let colon = rest.firstRange(of: ": ")
            self.init(
                fate: String(text[..<separator.lowerBound]),
                outcome: String(rest[..<(colon?.lowerBound ?? rest.endIndex)]),
                why: colon.map { String(rest[$0.upperBound...]) })
        } else if text.hasSuffix("\")"), let opening = text.firstRange(of: "(\"") {
            self.init(
                fate: Self.today(text[..<opening.lowerBound]),
                why: String(text[opening.upperBound...].dropLast(2)))
        } else {
            self.init(fate: Self.today(text))
        }
    }

    private static func today(_ fate: some StringProtocol) -> String {
        fate == "alreadyRight" ? "nothing to do" : String(fate)
    }

    /// The journal's event, which ``init(event:)`` parses.
    package var event: String {
        Self.start + fate + (outcome.map { "; run \($0)" + (why.map { ": \($0)" } ?? "") } ?? "")
    }
}
