/// What an unknown block does to the reading.
///
/// keepalived takes its `{` for a line of its own, what it holds for statements around it, and its `}` for the end
/// of the block around it. Until the text and its reading meet again, complaints follow from that one keyword.
struct UnknownBlockRecovery {
    struct Block {
        var keyword: String
        /// `nil` when the block is unknown, and with it everything that it may hold.
        var node: Grammar.Node? = nil
    }

    /// The keyword that opened the unknown block.
    private(set) var cause: SourceLocation
    /// The blocks around the next line as they look to the eye, the outermost first; empty at the end.
    private(set) var blocks: [Block]

    init(behind keyword: Word, in blocks: [Block]) {
        cause = keyword.location
        self.blocks = blocks + [Block(keyword: keyword.text)]
    }

    /// Whether a keyword may stand where it looks to stand, so that its rejection follows from ``cause``.
    func explains(_ name: String, for version: KeepalivedVersion) -> Bool {
        guard let block = blocks.last, let node = block.node else { return true }
        if case .values = node.kind { return true }
        return node.children[name]?.isKnown(to: version) ?? false
    }

    /// Whether a `{` belongs where it looks to stand.
    func explainsBrace(behind keyword: Word?) -> Bool {
        guard let block = blocks.last, let node = block.node else { return true }
        return keyword.flatMap { node.children[$0.text]?.opensBlock } ?? false
    }

    mutating func open(behind keyword: Word?) {
        let name = keyword?.text ?? ""
        blocks.append(Block(keyword: name, node: blocks.last?.node?.children[name]))
    }

    /// Another unknown block, within the text that the first one put out of step.
    mutating func openUnknown(behind keyword: Word) {
        cause = keyword.location
        blocks.append(Block(keyword: keyword.text))
    }

    mutating func close() { _ = blocks.popLast() }
}
