/// Tracks the consequences of an unknown block for keepalived's reading.
///
/// keepalived reads its `{` as a separate line, its contents as statements of the surrounding block, and its `}`
/// as the end of the surrounding block. Until the reading agrees with the text's braces again, diagnostics are
/// consequences of that one keyword.
struct UnknownBlockRecovery {
    struct Block {
        var keyword: String
        /// `nil` when the block and therefore its contents are unknown.
        var node: Grammar.Node? = nil
    }

    /// The keyword that opened the unknown block.
    private(set) var cause: ConfigurationLocation
    /// The blocks around the next line by the text's braces, the outermost first; empty at the end.
    private(set) var blocks: [Block]

    init(behind keyword: Word, in blocks: [Block]) {
        cause = keyword.location
        self.blocks = blocks + [Block(keyword: keyword.text)]
    }

    /// Whether a keyword is allowed in its block by the text's braces, so that its rejection is a consequence of
    /// ``cause``.
    func explains(_ name: String, for version: KeepalivedVersion) -> Bool {
        guard let block = blocks.last, let node = block.node else { return true }
        if case .values = node.kind { return true }
        return node.children[name]?.isKnown(to: version) ?? false
    }

    /// Whether a `{` is correct by the text's braces.
    func explainsBrace(behind keyword: Word?) -> Bool {
        guard let block = blocks.last, let node = block.node else { return true }
        return keyword.flatMap { node.children[$0.text]?.opensBlock } ?? false
    }

    mutating func open(behind keyword: Word?) {
        let name = keyword?.text ?? ""
        blocks.append(Block(keyword: name, node: blocks.last?.node?.children[name]))
    }

    /// Opens another unknown block during the recovery from the first one.
    mutating func openUnknown(behind keyword: Word) {
        cause = keyword.location
        blocks.append(Block(keyword: keyword.text))
    }

    mutating func close() { _ = blocks.popLast() }
}
