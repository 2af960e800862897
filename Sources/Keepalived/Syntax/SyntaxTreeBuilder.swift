/// Groups tokens into statements and nests them by their braces.
///
/// Depth is kept in an array and not on the call stack, so a megabyte of `{` is no problem.
struct SyntaxTreeBuilder {
    private let tokens: [SyntaxTree.Token]
    private let source: [UInt8]
    private let dialect: Dialect
    private var nodes: [SyntaxTree.Node] = []
    private var open: [Int] = []
    /// The statement that a `{` on this or a following line would belong to.
    private var waiting: Int?

    init(tokens: [SyntaxTree.Token], source: [UInt8], dialect: Dialect) {
        self.tokens = tokens
        self.source = source
        self.dialect = dialect
    }

    mutating func run() -> [SyntaxTree.Node] {
        var index = 0
        while index < tokens.count {
            switch tokens[index].kind {
            case .space, .lineEnd, .byteOrderMark:
                index += 1
            case .comment:
                add(.comment, index..<(index + 1))
                index += 1
            case .openBrace:
                openBlock(at: index)
                index += 1
            case .closeBrace:
                closeBlock(at: index)
                index += 1
            case .definition:
                index = addDefinition(from: index)
            case .word, .quoted, .condition, .repetition:
                index = addStatement(from: index)
            }
        }
        for node in open { nodes[node].end = nodes.count }
        return nodes
    }

    @discardableResult
    private mutating func add(_ kind: SyntaxTree.Node.Kind, _ range: Range<Int>) -> Int {
        nodes.append(.init(kind: kind, tokens: range, parent: open.last, end: nodes.count + 1))
        return nodes.count - 1
    }

    private mutating func openBlock(at token: Int) {
        let owner = waiting ?? add(.strayOpen, token..<(token + 1))
        // Comments between a keyword and its `{` become children of the statement, so that ranges alone describe
        // the nesting.
        for index in (owner + 1)..<max(owner + 1, nodes.count) { nodes[index].parent = owner }
        nodes[owner].openBrace = token
        open.append(owner)
        waiting = nil
    }

    private mutating func closeBlock(at token: Int) {
        waiting = nil
        guard let owner = open.popLast() else {
            add(.strayClose, token..<(token + 1))
            return
        }
        nodes[owner].closeBrace = token
        nodes[owner].end = nodes.count
    }

    private mutating func addStatement(from start: Int) -> Int {
        var index = start
        var end = start
        let line = tokens[start].line
        scan: while index < tokens.count, tokens[index].line == line {
            switch tokens[index].kind {
            case .word, .quoted, .condition, .repetition:
                if isAfterCut(index, start) { break scan }
                index += 1
                end = index
            case .space:
                index += 1
            default:
                break scan
            }
        }
        let kind: SyntaxTree.Node.Kind = isInclude(start) ? .include : .statement
        let node = add(kind, start..<end)
        waiting = kind == .statement ? node : nil
        return index
    }

    /// Whether keepalived's buffer ended between two tokens of one line, so that a new keyword starts.
    private func isAfterCut(_ index: Int, _ start: Int) -> Bool {
        let lineStart = tokens[start].range.lowerBound - tokens[start].column + 1
        let size = LineScanner.longestPiece
        return (tokens[index].range.lowerBound - lineStart) / size
            != (tokens[start].range.lowerBound - lineStart) / size
    }

    private mutating func addDefinition(from start: Int) -> Int {
        var index = start + 1
        var end = index
        while index < tokens.count {
            switch tokens[index].kind {
            case .definition:
                if startsDefinition(index), !continues(end - 1) { return finishDefinition(start, end) }
                index += 1
                end = index
            case .space, .lineEnd, .comment:
                guard continues(end - 1) else { return finishDefinition(start, end) }
                index += 1
            default:
                return finishDefinition(start, end)
            }
        }
        return finishDefinition(start, end)
    }

    private mutating func finishDefinition(_ start: Int, _ end: Int) -> Int {
        add(.definition, start..<end)
        return end
    }

    private func continues(_ token: Int) -> Bool {
        source[tokens[token].range].last == ASCII.backslash
    }

    private func startsDefinition(_ token: Int) -> Bool {
        source[tokens[token].range].first == ASCII.dollar
    }

    private func isInclude(_ token: Int) -> Bool {
        let word = source[tokens[token].range]
        guard word.starts(with: "include".utf8) else { return false }
        switch word.count {
        case 7: return true
        case 8: return dialect.includeVariants && "rmwba".utf8.contains(word[word.endIndex - 1])
        default: return false
        }
    }
}
