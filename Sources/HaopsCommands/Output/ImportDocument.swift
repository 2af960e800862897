import Import

/// What `import` made of the nodes' files.
struct ImportDocument: OutputDocument, Codable {
    struct Line: Codable, Sendable {
        var key: String
        var line: String
        var places: [String]
    }

    struct RemarkEntry: Codable, Sendable {
        var places: [String]
        var message: String
        var fix: String?

        init(_ remark: Remark) {
            places = remark.places.map(\.description)
            message = remark.text
            fix = remark.hint
        }
    }

    struct Secret: Codable, Sendable {
        var name: String
        /// The variable of the environment that has to have its value.
        var env: String
    }

    var faithful: Bool
    /// `null` where it would not mean what the nodes have.
    var inventory: String?
    var kept: [Line]
    var refused: [RemarkEntry]
    var dropped: [RemarkEntry]
    var additions: [RemarkEntry]
    var notes: [RemarkEntry]
    var secrets: [Secret]

    /// - `isPrinted`: whether the inventory is shown, faithful or not.
    init(_ imported: ImportedCluster, isPrinted: Bool) {
        faithful = imported.isFaithful
        inventory = isPrinted ? imported.inventory : nil
        kept = imported.kept.map {
            Line(key: $0.key, line: $0.text, places: $0.places.map(\.description))
        }
        refused = imported.refusals.map(RemarkEntry.init)
        dropped = imported.dropped.map(RemarkEntry.init)
        additions = imported.additions.map(RemarkEntry.init)
        notes = imported.notes.map(RemarkEntry.init)
        secrets = imported.secrets.map { Secret(name: $0.name, env: $0.variable) }
    }

    /// There is none: the answer is an inventory.
    var table: Table { Table(columns: []) }
}
