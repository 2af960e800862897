/// The schemas that `haops schema` prints: the documents of each verb, the events of `--events`, and the inventory.
enum DocumentSchemas {
    struct Entry: Sendable {
        var name: String
        var about: String
        var document: OutputValue
    }

    /// The documents that each verb may answer with.
    static let documents: [(verb: String, types: [any OutputDocument.Type])] = [
        ("who", [OwnershipDocument.self]),
        ("watch", [WatchDocument.self]),
        ("status", [StatusDocument.self]),
        ("backends", [BackendsDocument.self]),
        ("doctor", [FindingsDocument.self]),
        ("ready", [ReadyDocument.self]),
        ("timeline", [TimelineDocument.self]),
        ("history", [HistoryDocument.self, RunStepsDocument.self]),
        ("exec", [ExecDocument.self, ExecPlanDocument.self]),
        ("import", [ImportDocument.self]),
        ("check", [CheckDocument.self]),
        ("render", [RenderDocument.self]),
        ("lint", [FindingsDocument.self]),
        ("plan", [PlanDocument.self]),
        ("apply", [RunDocument.self, PlanDocument.self]),
        ("confirm", [RunDocument.self, ConfirmDocument.self, PlanDocument.self]),
        ("rollback", [RunDocument.self, PlanDocument.self, SavedSetsDocument.self]),
        ("restart", [RunDocument.self, PlanDocument.self]),
        ("switchover", [RunDocument.self, SwitchoverDocument.self]),
        ("drain", [RunDocument.self, ServersDocument.self]),
        ("enable", [RunDocument.self, ServersDocument.self]),
        ("weight", [RunDocument.self, ServersDocument.self]),
        (
            "drill",
            [DrillDocument.self, DrillSeriesDocument.self, DrillPlanDocument.self, DrillPlansDocument.self]
        ),
        ("fix", [RunDocument.self, FixDocument.self]),
        ("unlock", [UnlockDocument.self, PendingDocument.self]),
        ("config", [ConfigDocument.self]),
        ("schema", [SchemasDocument.self]),
    ]

    static let all: [Entry] =
        documents.map { verb, types in
            entry("haops \(verb)", name: verb, "what `haops \(verb) -o json` prints", of(types, by: verb))
        }
        + [
            entry(
                "haops --events", name: "events", "one line of the file of `--events`", EventDocument.schema),
            Entry(
                name: "inventory", about: "the inventory, for editors (haops-inventory(5))",
                document: InventorySchema.document),
        ]

    private static func entry(_ title: String, name: String, _ about: String, _ schema: JSONSchema) -> Entry {
        Entry(name: name, about: about, document: schema.document(titled: title, about: about))
    }

    /// The schema of a verb's documents, with their heads.
    private static func of(_ types: [any OutputDocument.Type], by verb: String) -> JSONSchema {
        let schemas = types.map { HeadedDocument.schema(command: verb).with($0.schema) }
        return schemas.count == 1 ? schemas[0] : .anyOf(schemas)
    }
}

/// The schemas that there are.
struct SchemasDocument: OutputDocument, Codable {
    struct Entry: Codable, Sendable {
        var name: String
        var about: String
    }

    var schemas: [Entry]

    var table: Table {
        Table(
            columns: ["name", "describes"],
            rows: schemas.map { [Table.Cell($0.name, .strong), Table.Cell($0.about)] })
    }
}
