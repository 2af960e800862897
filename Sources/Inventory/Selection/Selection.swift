import Remote

/// The operator's selection of nodes: `-c web -l 'lb[01-10],!lb03,web*,@mail'`.
///
/// Terms are separated by commas, outside brackets. A term is a name, a range, a glob (`*`, `?`) or `@cluster`; a
/// leading `!` excludes nodes. If all terms exclude, they exclude from all nodes.
package struct Selection: Sendable {
    private var clusters: [String]
    private var terms: [Term]

    private struct Term: Sendable {
        var text: String
        var isExclusion: Bool
        var pattern: Pattern
    }

    private enum Pattern: Sendable {
        case cluster(String)
        case glob(String)
        case range(NodeRange)
    }

    /// Every node.
    package static let all = Selection(clusters: [], terms: [])

    private init(clusters: [String], terms: [Term]) {
        self.clusters = clusters
        self.terms = terms
    }

    /// Throws a ``SelectionError`` for a term that cannot be read.
    package init(clusters: [String] = [], limits: [String] = []) throws(SelectionError) {
        var terms: [Term] = []
        for limit in limits {
            for text in splitAtCommas(limit) { terms.append(try Self.term(text)) }
        }
        self.init(clusters: clusters.flatMap(splitAtCommas).map(String.init), terms: terms)
    }

    private static func term(_ text: Substring) throws(SelectionError) -> Term {
        let text = text.drop { $0 == " " }
        let isExclusion = text.first == "!"
        let name = isExclusion ? text.dropFirst() : text
        guard !name.isEmpty else { throw .unreadable(.empty) }
        let pattern: Pattern
        if name.first == "@" {
            pattern = .cluster(String(name.dropFirst()))
        } else if name.contains("*") || name.contains("?") {
            pattern = .glob(String(name))
        } else {
            do {
                pattern = .range(try NodeRange(name))
            } catch {
                throw .unreadable(error)
            }
        }
        return Term(text: String(text), isExclusion: isExclusion, pattern: pattern)
    }

    /// The selected nodes, in the order of the fleet.
    ///
    /// - `observers`: whether terms may name observers, too. They are never selected unnamed.
    ///
    /// Throws a ``SelectionError`` for a name that no node has, a glob that matches none, and when nothing is left.
    package func nodes(of fleet: Fleet, observers: Bool = false) throws(SelectionError) -> [Node] {
        let names = fleet.clusters.map(\.name)
        var wanted: Set<String> = []
        for text in clusters { wanted.formUnion(try Self.clusters(named: text, among: names)) }
        let chosenClusters = fleet.clusters.filter { clusters.isEmpty || wanted.contains($0.name) }
        var candidates = chosenClusters.flatMap { cluster in
            cluster.nodes.map { (cluster: cluster.name, node: $0) }
        }
        guard !terms.isEmpty else { return candidates.map(\.node) }
        var chosen = terms.allSatisfy(\.isExclusion) ? Set(candidates.map(\.node.id.name)) : []
        if observers {
            // One observer may watch several clusters.
            var seen: Set<HostID> = []
            candidates += chosenClusters.flatMap { cluster in
                cluster.observers.filter { seen.insert($0.id).inserted }
                    .map { (cluster: "", node: Node(id: $0.id, target: $0.target)) }
            }
        }
        let known = Set(candidates.map(\.node.id.name))
        for term in terms {
            let matched = try self.names(
                of: term, among: candidates, known: known, clusters: names, fleet: fleet)
            if term.isExclusion { chosen.subtract(matched) } else { chosen.formUnion(matched) }
        }
        guard !chosen.isEmpty else { throw .nothingLeft }
        return candidates.map(\.node).filter { chosen.contains($0.id.name) }
    }

    /// The clusters that a name, a range or a glob means.
    private static func clusters(
        named text: String, among names: [String]
    ) throws(SelectionError) -> Set<String> {
        if names.contains(text) { return [text] }
        if text.contains("*") || text.contains("?") {
            let matched = names.filter { matches($0, glob: text) }
            guard !matched.isEmpty else { throw .noCluster(text) }
            return Set(matched)
        }
        let meant = (try? NodeRange(text[...]))?.names ?? [text]
        for name in meant where !names.contains(name) {
            throw .unknownCluster(name, suggestion: suggestion(for: name, among: names), known: names)
        }
        return Set(meant)
    }

    private func names(
        of term: Term, among candidates: [(cluster: String, node: Node)], known: Set<String>,
        clusters: [String], fleet: Fleet
    ) throws(SelectionError) -> Set<String> {
        switch term.pattern {
        case .cluster(let name):
            let meant = try Self.clusters(named: name, among: clusters)
            return Set(candidates.filter { meant.contains($0.cluster) }.map(\.node.id.name))
        case .glob(let glob):
            let matched = known.filter { matches($0, glob: glob) }
            guard !matched.isEmpty else { throw .noMatch(term.text) }
            return matched
        case .range(let range):
            let names = Set(range.names)
            if let stranger = range.names.first(where: { !known.contains($0) }) {
                if fleet.clusters.contains(where: { $0.observers.contains { $0.id.name == stranger } }) {
                    throw .observer(stranger)
                }
                throw .unknownNode(
                    stranger, suggestion: suggestion(for: stranger, among: known),
                    known: NodeRange.folded(known))
            }
            return names
        }
    }
}

/// Why a selection is invalid or empty.
package enum SelectionError: Error, Hashable, Sendable {
    case unreadable(NodeRangeError)
    case unknownNode(String, suggestion: String?, known: String)
    case unknownCluster(String, suggestion: String?, known: [String])
    case noMatch(String)
    case noCluster(String)
    case observer(String)
    case nothingLeft
}

extension SelectionError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let error): "the selection cannot be read: \(error)"
        case .unknownNode(let name, _, _):
            "no node \(quoted(name)) is in the inventory, or not in the clusters chosen"
        case .unknownCluster(let name, _, _): "no cluster \(quoted(name)) is in the inventory"
        case .noMatch(let text): "no node matches \(quoted(text))"
        case .noCluster(let text): "no cluster matches \(quoted(text))"
        case .observer(let name): "\(quoted(name)) is an observer, not a node"
        case .nothingLeft: "the selection leaves no node"
        }
    }

    package var hint: String? {
        switch self {
        case .unreadable(let error): error.hint
        case .unknownNode(_, let near, let known):
            near.map { "did you mean `\($0)`?" } ?? "the nodes are \(known)"
        case .unknownCluster(_, let near, let known):
            near.map { "did you mean `\($0)`?" } ?? "the clusters are \(known.joined(separator: ", "))"
        case .noMatch, .noCluster: "quote globs, so that the shell does not replace them"
        case .observer: "observers are asked along with the nodes of their cluster"
        case .nothingLeft: nil
        }
    }
}

/// Splits a list at commas outside brackets.
func splitAtCommas(_ text: String) -> [Substring] {
    var parts: [Substring] = []
    var depth = 0
    var start = text.startIndex
    for index in text.indices {
        switch text[index] {
        case "[": depth += 1
        case "]": depth -= 1
        case "," where depth <= 0:
            parts.append(text[start..<index])
            start = text.index(after: index)
        default: break
        }
    }
    parts.append(text[start...])
    return parts
}

/// Whether a name matches a glob, with `*` for any characters and `?` for one. The time is at most the product of
/// the lengths.
package func matches(_ name: String, glob: String) -> Bool {
    let text = Array(name.utf8)
    let pattern = Array(glob.utf8)
    var position = 0
    var next = 0
    var star: (next: Int, position: Int)?
    while position < text.count {
        if next < pattern.count, pattern[next] == UInt8(ascii: "*") {
            star = (next + 1, position)
            next += 1
        } else if next < pattern.count, pattern[next] == UInt8(ascii: "?") || pattern[next] == text[position]
        {
            next += 1
            position += 1
        } else if let last = star {
            star = (last.next, last.position + 1)
            next = last.next
            position = last.position + 1
        } else {
            return false
        }
    }
    return pattern[next...].allSatisfy { $0 == UInt8(ascii: "*") }
}
