import FoundationEssentials

/// An answer in all the forms it can be printed in.
struct Report: Sendable {
    /// The verb, for the document's head.
    var command: String
    /// The document's own members, after the three that every document has.
    var members: [(key: String, value: OutputValue)]
    /// For people: complete text, already styled.
    var text: String
    /// For `cut` and `awk`.
    var tsv: Table

    /// `schema_version`, `command` and `checked_at` head every document; new members may come, none goes.
    var document: OutputValue {
        let now = Date.now.formatted(.iso8601)
        return .object(
            [("schema_version", 1), ("command", .text(command)), ("checked_at", .text(now))] + members)
    }
}
