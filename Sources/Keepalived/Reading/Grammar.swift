/// The keywords of each block, with the first and last release that have them.
struct Grammar: Sendable {
    struct Node: Sendable {
        enum Kind: Sendable {
            /// A keyword with its words on one line.
            case word
            /// A block whose lines are values, not keywords.
            case values
            case block
        }

        var kind: Kind = .block
        var takesScript = false
        /// What the keyword takes; `nil` when anything goes, or when a reader of its own looks at it.
        var value: GrammarValue?
        /// A value block with a name after its keyword.
        var takesName = false
        var since = KeepalivedVersion(1, 2, 1)
        var until: KeepalivedVersion?
        var children: [String: Node] = [:]

        var opensBlock: Bool {
            if case .word = kind { false } else { true }
        }

        func isKnown(to version: KeepalivedVersion) -> Bool {
            version >= since && (until.map { version <= $0 } ?? true)
        }
    }

    let root: Node

    static let shared = Grammar(GrammarTable.text)

    /// Reads the table of ``GrammarTable``: four blanks of indentation per level.
    init(_ table: String) {
        var path: [(name: String, node: Node)] = []
        var root = Node()
        func close(to depth: Int) {
            while path.count > depth, let last = path.popLast() {
                if path.isEmpty {
                    root.children[last.name] = last.node
                } else {
                    path[path.count - 1].node.children[last.name] = last.node
                }
            }
        }
        for line in table.split(separator: "\n") {
            close(to: line.prefix { $0 == " " }.count / 4)
            let fields = line.split(separator: " ")
            let colon = fields.firstIndex(of: ":") ?? fields.endIndex
            var (name, node) = Self.entry(Array(fields[..<colon]))
            if colon < fields.endIndex { node.value = GrammarValue(fields[(colon + 1)...]) }
            path.append((name, node))
        }
        close(to: 0)
        self.root = root
    }

    private static func entry(_ fields: [Substring]) -> (name: String, node: Node) {
        var name = fields.first ?? ""
        var node = Node(kind: .word)
        if name.hasSuffix("{}") { node.kind = .block }
        if name.hasSuffix("[]") { node.kind = .values }
        if name.hasSuffix("[name]") {
            node.kind = .values
            node.takesName = true
        }
        node.takesScript = name.hasSuffix("$")
        name = name.prefix { $0 != "{" && $0 != "[" && $0 != "$" }
        if fields.count > 1, let since = KeepalivedVersion(fields[1]) { node.since = since }
        if let until = fields.firstIndex(of: "until"), until + 1 < fields.count {
            node.until = KeepalivedVersion(fields[until + 1])
        }
        return (String(name), node)
    }
}

extension Grammar {
    /// The keyword's entry, given the blocks around it, the outermost first.
    func node(of keyword: String, in blocks: [String]) -> Node? {
        var node = root
        for block in blocks {
            guard let inner = node.children[block] else { return nil }
            node = inner
        }
        return node.children[keyword]
    }
}

extension KeepalivedVersion {
    /// The keywords allowed in a block, given the blocks around it, the outermost first.
    package func keywords(in blocks: [String]) -> [String] {
        var node = Grammar.shared.root
        for block in blocks {
            guard let inner = node.children[block] else { return [] }
            node = inner
        }
        return node.children.filter { $0.value.isKnown(to: self) }.map(\.key)
    }
}

/// A keyword and the blocks in which it is allowed.
package struct GrammarEntry: Hashable, Sendable {
    package enum Kind: Hashable, Sendable { case word, values, block }

    /// The blocks around the keyword, the outermost first.
    package var blocks: [String]
    package var keyword: String
    package var kind: Kind

    package init(blocks: [String], keyword: String, kind: Kind) {
        self.blocks = blocks
        self.keyword = keyword
        self.kind = kind
    }
}

extension KeepalivedVersion {
    /// Every keyword in every block, in the order of the table's names.
    package var grammar: [GrammarEntry] {
        func entries(_ node: Grammar.Node, in blocks: [String]) -> [GrammarEntry] {
            node.children.sorted { $0.key < $1.key }.filter { $0.value.isKnown(to: self) }.flatMap {
                name, node in
                let kind: GrammarEntry.Kind =
                    switch node.kind {
                    case .word: .word
                    case .values: .values
                    case .block: .block
                    }
                return [GrammarEntry(blocks: blocks, keyword: name, kind: kind)]
                    + entries(node, in: blocks + [name])
            }
        }
        return entries(Grammar.shared.root, in: [])
    }

    /// Every keyword of any release, in any block.
    package static let vocabulary: Set<String> = {
        func names(_ node: Grammar.Node) -> [String] {
            node.children.flatMap { [$0.key] + names($0.value) }
        }
        return Set(names(Grammar.shared.root))
    }()
}
