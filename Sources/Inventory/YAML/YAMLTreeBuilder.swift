/// Builds a tree from parser events: resolves aliases and merge keys, and finds duplicate keys.
struct YAMLTreeBuilder {
    let limits: YAMLLimits
    private(set) var root: YAMLNode?
    var problems: [YAMLDocument.Problem] = []

    private var open: [Collection] = []
    private var anchors: [String: (node: YAMLNode, size: Int)] = [:]
    /// Anchors of open collections: an alias to one of them would contain itself.
    private var openAnchors: Set<String> = []
    private var values = 0
    private var aliased = 0
    private var documents = 0

    /// An open sequence or mapping.
    private struct Collection {
        var isMapping: Bool
        var anchor: String?
        var mark: Mark
        var items: [YAMLNode] = []
        var entries: [YAMLEntry] = []
        var key: YAMLNode?
        /// Values inside, aliases expanded.
        var size = 1
    }

    init(limits: YAMLLimits) { self.limits = limits }

    /// Processes the next event; false when reading must stop.
    mutating func take(_ event: YAMLEvent) -> Bool {
        values += 1
        guard values <= limits.expandedValues else {
            return stop(event.mark, "the file has more than \(limits.expandedValues) values")
        }
        if let tag = event.tag, !Self.allows(tag) {
            report(
                event.mark, "the tag \(quoted(tag)) means nothing here",
                remedy: "remove the tag: haops knows what each value is")
        }
        switch event.kind {
        case .documentStart:
            documents += 1
            guard documents == 1 else {
                return stop(
                    event.mark, "a second YAML document starts here",
                    remedy: "an inventory is one document: remove the `---`")
            }
        case .documentEnd:
            break
        case .alias(let name):
            return takeAlias(name, at: event.mark)
        case .scalar(let text, let isPlain):
            let plain = isPlain && event.tag != "tag:yaml.org,2002:str"
            let node = YAMLNode(content: .scalar(text, isPlain: plain), mark: event.mark)
            if let anchor = event.anchor { anchors[anchor] = (node, 1) }
            place(node, size: 1)
        case .sequenceStart, .mappingStart:
            guard open.count < limits.depth else {
                return stop(event.mark, "values are nested more than \(limits.depth) deep")
            }
            if let anchor = event.anchor { openAnchors.insert(anchor) }
            var isMapping = false
            if case .mappingStart = event.kind { isMapping = true }
            open.append(Collection(isMapping: isMapping, anchor: event.anchor, mark: event.mark))
        case .sequenceEnd, .mappingEnd:
            close(at: event.mark)
        }
        return true
    }

    private mutating func takeAlias(_ name: String, at mark: Mark) -> Bool {
        guard !openAnchors.contains(name) else {
            return stop(mark, "the alias `*\(name.visible)` contains itself")
        }
        guard let target = anchors[name] else {
            report(
                mark, "no anchor `&\(name.visible)` stands before this alias",
                remedy: suggestion(for: name, among: anchors.keys).map { "did you mean `*\($0)`?" })
            place(YAMLNode(content: .broken, mark: mark), size: 1)
            return true
        }
        aliased += target.size
        guard aliased <= limits.aliasedValues else {
            return stop(mark, "aliases stand for more than \(limits.aliasedValues) values")
        }
        place(target.node, size: target.size)
        return true
    }

    private mutating func close(at end: Mark) {
        guard let collection = open.popLast() else { return }
        var mark = collection.mark
        // A flow collection on one line is underlined completely; a block ends on a later line.
        if end.line == mark.line, end.column >= mark.column { mark.length = end.column - mark.column + 1 }
        let node: YAMLNode
        if collection.isMapping {
            node = YAMLNode(content: .mapping(merged(collection.entries)), mark: mark)
        } else {
            node = YAMLNode(content: .sequence(collection.items), mark: mark)
        }
        if let anchor = collection.anchor {
            openAnchors.remove(anchor)
            anchors[anchor] = (node, collection.size)
        }
        place(node, size: collection.size)
    }

    /// Adds a complete value to the innermost open collection, or sets the root.
    private mutating func place(_ node: YAMLNode, size: Int) {
        guard var parent = open.popLast() else {
            if root == nil { root = node }
            return
        }
        parent.size += size
        if !parent.isMapping {
            parent.items.append(node)
        } else if let key = parent.key {
            parent.key = nil
            if let text = key.scalar {
                parent.entries.append(YAMLEntry(key: text, keyMark: key.mark, value: node))
            } else if case .broken = key.content {
                // Reported already.
            } else {
                report(
                    key.mark, "a key must be a single word, not \(key.kind)",
                    remedy: "quote a key that starts with a bracket or a brace")
            }
        } else {
            parent.key = node
        }
        open.append(parent)
    }

    /// Reports duplicate keys, and merges from `<<` the keys that the mapping does not have.
    ///
    /// Duplicate keys are all kept, because the search for secrets must see each of them.
    private mutating func merged(_ entries: [YAMLEntry]) -> [YAMLEntry] {
        var seen: [String: Mark] = [:]
        var own: [YAMLEntry] = []
        var mergedIn: [YAMLEntry] = []
        for entry in entries {
            if entry.key == "<<" {
                mergedIn += mergeSource(entry)
            } else {
                if let first = seen[entry.key] {
                    report(
                        entry.keyMark,
                        "the key `\(entry.key.visible)` stands here twice: first on line \(first.line)",
                        remedy: "keep one of the two")
                } else {
                    seen[entry.key] = entry.keyMark
                }
                own.append(entry)
            }
        }
        for entry in mergedIn where seen[entry.key] == nil {
            seen[entry.key] = entry.keyMark
            own.append(entry)
        }
        return own
    }

    private mutating func mergeSource(_ entry: YAMLEntry) -> [YAMLEntry] {
        if let entries = entry.value.entries { return entries }
        if case .sequence(let items) = entry.value.content {
            let all = items.compactMap(\.entries)
            if all.count == items.count { return all.flatMap { $0 } }
        }
        report(
            entry.value.mark, "`<<` merges a mapping, not \(entry.value.kind)",
            remedy: "write `<<: *name` where `&name` marks a mapping")
        return []
    }

    private mutating func report(_ mark: Mark, _ message: String, remedy: String? = nil) {
        problems.append(YAMLDocument.Problem(mark: mark, message: message, remedy: remedy))
    }

    private mutating func stop(_ mark: Mark, _ message: String, remedy: String? = nil) -> Bool {
        report(mark, message, remedy: remedy)
        root = nil
        return false
    }

    private static func allows(_ tag: String) -> Bool {
        let prefix = "tag:yaml.org,2002:"
        return tag == "!"
            || tag.hasPrefix(prefix)
                && ["str", "int", "float", "bool", "null", "seq", "map"].contains(tag.dropFirst(prefix.count))
    }
}
