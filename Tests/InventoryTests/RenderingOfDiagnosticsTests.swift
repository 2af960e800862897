import Testing

@testable import Inventory

@Suite struct RenderingOfDiagnosticsTests {
    private func rendered(_ text: String, line: Int, column: Int, length: Int) -> [String] {
        Diagnostic(
            .error, at: SourceLocation(file: "f", line: line, column: column, length: length), "`x` is wrong"
        ).rendered(from: SourceText(Array(text.utf8), hiding: [])).map(\.plain)
    }

    @Test(arguments: [
        ("ab cd", 4, 2, "ab cd", "   ^^"), ("\tab", 2, 2, "    ab", "    ^^"),
        ("a\tb", 3, 1, "a   b", "    ^"),
        ("é=ü", 3, 1, "é=ü", "  ^"), ("漢字 x", 4, 1, "漢字 x", "     ^"),
        ("\u{1B}[2Jx", 5, 1, "\\u{1b}[2Jx", "         ^"),
        ("e\u{301}x", 3, 1, "e\u{301}x", " ^"), ("a\u{202E}b", 3, 1, "a\\u{202e}b", "         ^"),
        ("ab", 3, 1, "ab", "  ^"), ("ab", 90, 5, "ab", "  ^"),
    ])
    func `the caret stands below the place, whatever stands before it`(
        source: String, column: Int, length: Int, shown: String, caret: String
    ) {
        #expect(
            rendered("first\n\(source)\nlast", line: 2, column: column, length: length) == [
                "f:2:\(column): error: `x` is wrong", "    2 | \(shown)", "      | \(caret)",
            ])
    }

    @Test func `a line beyond the end is not shown`() {
        #expect(rendered("a", line: 7, column: 1, length: 1) == ["f:7:1: error: `x` is wrong"])
    }

    @Test(arguments: ["\n", "\r\n", "\r", "\u{85}", "\u{2028}"])
    func `lines are counted as YAML counts them`(lineBreak: String) {
        #expect(
            rendered("one\(lineBreak)two\(lineBreak)three", line: 2, column: 1, length: 3)[1] == "    2 | two"
        )
    }

    @Test func `of an endless line the part around the place is shown`() {
        let line = String(repeating: "a", count: 5000) + "X" + String(repeating: "b", count: 5000)
        let lines = rendered(line, line: 1, column: 5001, length: 1)
        #expect(lines[1].count < 200)
        let place = lines[1].firstIndex(of: "X").map { lines[1].distance(from: lines[1].startIndex, to: $0) }
        let caret = lines[2].firstIndex(of: "^").map { lines[2].distance(from: lines[2].startIndex, to: $0) }
        #expect(place == caret)
    }

    @Test func `a secret is hidden, and what stands behind it is still pointed at`() {
        let text = SourceText(
            Array("{ p: hunter2, q: 1 }".utf8), hiding: [Mark(line: 1, column: 6, length: 7)])
        let diagnostic = Diagnostic(
            .warning, at: SourceLocation(file: "f", line: 1, column: 18, length: 1), "no", remedy: "yes")
        #expect(
            diagnostic.rendered(from: text).map(\.plain) == [
                "f:1:18: warning: no", "    1 | { p: ********, q: 1 }", "      |                   ^",
                "hint: yes",
            ])
        #expect(diagnostic.rendered(from: text)[2].pieces.map(\.role) == [.gutter, .warning])
    }
}
