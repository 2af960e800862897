import Inventory
import Keepalived
import Remote

/// Lines of a configuration for an `extra:`, with their origin.
struct RawLines {
    /// The lines; a block has several.
    var lines: [String]
    var place: NodePlace

    /// Writes a statement so that keepalived reads the same words. Conditions, definitions and includes are
    /// resolved, and secrets are added to the book.
    init(_ statement: Statement, of node: NodeEvidence, hidingIn secrets: inout SecretBook) {
        place = node.place(statement.location)
        lines = []
        add(statement, within: nil, depth: 0, node, &secrets)
    }

    init(_ lines: [String], at place: NodePlace) {
        self.lines = lines
        self.place = place
    }

    private mutating func add(
        _ statement: Statement, within parent: String?, depth: Int, _ node: NodeEvidence,
        _ secrets: inout SecretBook
    ) {
        let indent = String(repeating: " ", count: 4 * depth)
        let words = secrets.hiding(statement, within: parent, of: node).joined(separator: " ")
        guard let block = statement.block else { return lines.append(indent + words) }
        lines.append(indent + words + " {")
        for inner in block where inner.kind != .unknown {
            add(inner, within: statement.keyword, depth: depth + 1, node, &secrets)
        }
        lines.append(indent + "}")
    }
}

/// Merges the raw lines of several nodes, in an order that is consistent with every node's order.
struct MergedLines {
    struct Entry {
        var lines: [String]
        /// The place of the lines on each node.
        var places: [HostID: NodePlace]
    }

    private(set) var entries: [Entry] = []
    private let nodes: [NodeEvidence]

    init(_ nodes: [NodeEvidence], _ raw: (NodeEvidence) -> [RawLines]) {
        self.nodes = nodes
        for node in nodes {
            var cursor = 0
            for item in raw(node) {
                if let index = entries[cursor...].firstIndex(where: {
                    $0.lines == item.lines && $0.places[node.id] == nil
                }) {
                    entries[index].places[node.id] = item.place
                    cursor = index + 1
                } else {
                    entries.insert(Entry(lines: item.lines, places: [node.id: item.place]), at: cursor)
                    cursor += 1
                }
            }
        }
    }

    /// The lines for keepalived.conf. Lines for some nodes only have an `@config-id` prefix.
    var text: [String] {
        entries.flatMap { entry -> [String] in
            if entry.places.count == nodes.count { return entry.lines }
            return nodes.filter { entry.places[$0.id] != nil }.flatMap { node in
                entry.lines.map { "@\(node.configID) \($0)" }
            }
        }
    }

    func kept(in key: String) -> [KeptLine] {
        entries.map { entry in
            KeptLine(
                places: nodes.compactMap { entry.places[$0.id] }, text: entry.lines.first ?? "", key: key)
        }
    }
}
