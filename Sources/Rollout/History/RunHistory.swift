package import Events
package import Facts
package import Remote

/// The runs in the nodes' journals, merged over nodes and clusters, newest first.
package struct RunHistory: Sendable {
    package var runs: [PastRun]

    /// One node's journal, and the run that holds the node's lock now.
    package struct Source: Sendable {
        package var node: HostID
        package var cluster: String
        package var journal: RunJournal
        package var lockedBy: RunID?

        package init(node: HostID, cluster: String, journal: RunJournal, lockedBy: RunID? = nil) {
            self.node = node
            self.cluster = cluster
            self.journal = journal
            self.lockedBy = lockedBy
        }
    }

    package init(_ sources: [Source]) {
        /// What identifies a run. Another operator's run may have the same id by chance.
        struct Key: Hashable {
            var ownPart: String
            var who: String
        }
        var runs: [Key: PastRun] = [:]
        for source in sources {
            for (name, entries) in Dictionary(grouping: source.journal.entries, by: \.run) {
                guard let first = entries.first else { continue }
                let key = Key(ownPart: name.ownPart, who: first.who)
                runs[key, default: PastRun(id: name.ownPart, who: first.who)].add(
                    PastRun.NodePart(
                        node: source.node, cluster: source.cluster, name: name, entries: entries,
                        isUnderWay: source.lockedBy == name))
            }
        }
        self.runs = runs.values.sorted { ($1.began, $1.id) < ($0.began, $0.id) }
    }

    /// Why a word does not identify exactly one run.
    package enum LookupError: Error, Hashable, Sendable {
        case unknown(nearest: [String])
        case ambiguous([String])
    }

    /// Finds a run by its id, one of its names on nodes, or the name in its events. The beginning of a name is enough
    /// when no other run begins like it.
    package func run(named word: String) throws(LookupError) -> PastRun {
        let ownPart = RunID(word).ownPart
        let exact = runs.filter { $0.id == ownPart || $0.names.contains(RunID(word)) }
        let found =
            exact.isEmpty
            ? runs.filter { run in
                !word.isEmpty
                    && (run.id.hasPrefix(word) || run.names.contains { $0.text.hasPrefix(word) })
            } : exact
        if let run = found.first, found.count == 1 { return run }
        guard found.isEmpty else { throw .ambiguous(found.map(\.shortestName)) }
        let near = runs.map { (id: $0.id, distance: Self.distance($0.id, ownPart)) }
            .filter { $0.distance <= max(1, ownPart.count / 3) }
            .min { $0.distance < $1.distance }
        throw .unknown(nearest: near.map { [$0.id] } ?? [])
    }

    /// The number of letters to change, add or remove (Levenshtein distance).
    private static func distance(_ left: String, _ right: String) -> Int {
        let (left, right) = (Array(left.utf8.prefix(64)), Array(right.utf8.prefix(64)))
        var row = Array(0...right.count)
        for (index, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in right.indices {
                let replaced = diagonal + (byte == right[column] ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
