import Testing

@testable import HaopsCommands

/// A terminal's window as cells, and the bytes that change it.
struct ScreenTests {
    private func screen(_ lines: String..., width: Int = 20, height: Int = 3) -> Screen {
        var screen = Screen(width: width, height: height)
        for (row, line) in lines.enumerated() { screen.write(line, row: row) }
        return screen
    }

    @Test func `what is not known is drawn whole`() {
        let update = screen("one", "", "three").update(from: nil, isColored: false)
        #expect(update == "\u{1b}[0m\u{1b}[2J\u{1b}[1;1Hone\u{1b}[3;1Hthree")
    }

    @Test func `only what has changed is drawn`() {
        let old = screen("state owned", "for 9 s")
        #expect(old.update(from: old, isColored: true) == "")
        let new = screen("state dark", "for 9 s")
        #expect(new.update(from: old, isColored: false) == "\u{1b}[1;7Hdark ")
        let tick = screen("state dark", "for 8 s")
        #expect(tick.update(from: new, isColored: false) == "\u{1b}[2;5H8")
    }

    @Test func `changes far apart on a line are drawn one by one`() {
        let old = screen("a..............b", width: 40)
        let new = screen("x..............y", width: 40)
        #expect(new.update(from: old, isColored: false) == "\u{1b}[1;1Hx\u{1b}[1;16Hy")
    }

    @Test func `a new size is drawn whole`() {
        let update = screen("one", width: 10).update(from: screen("one"), isColored: false)
        #expect(update.contains("\u{1b}[2J") && update.hasSuffix("one"))
    }

    @Test func `colours are set as seldom as possible, and end with the update`() {
        var new = Screen(width: 20, height: 1)
        let column = new.write("bad", row: 0, tone: .bad)
        new.write(" well", row: 0, column: column, tone: .good)
        let update = new.update(from: Screen(width: 20, height: 1), isColored: true)
        #expect(update == "\u{1b}[1;1H\u{1b}[1;31mbad\u{1b}[0m\u{1b}[32m well\u{1b}[0m")
        #expect(new.update(from: Screen(width: 20, height: 1), isColored: false) == "\u{1b}[1;1Hbad well")
        new.reverse(row: 0)
        #expect(new.update(from: Screen(width: 20, height: 1), isColored: false).contains("\u{1b}[7m"))
    }

    @Test func `a text is cut where its place ends`() {
        let screen = screen("0123456789abcdefghijk", width: 20, height: 1)
        #expect(screen.text(row: 0).hasPrefix("0123456789abcdefghi"))
        #expect(screen.text(row: 0).count == 20 && !screen.text(row: 0).hasSuffix("j"))
        var narrow = Screen(width: 20, height: 1)
        narrow.write("abcdef", row: 0, column: 2, limit: 3)
        #expect(narrow.text(row: 0).dropFirst(2).prefix(2) == "ab")
        #expect(narrow.text(row: 0).count == 5)
        // Outside of the window is nothing.
        narrow.write("x", row: 7)
        narrow.write("x", row: 0, column: 90)
    }

    @Test(arguments: [
        "\u{1b}[2J", "a\rb", "a\nb", "\u{9b}31m", "e\u{301}", "日本", "😀", "\u{202e}x", "\u{200d}", "\t",
    ])
    func `nothing that a node prints moves the cursor`(text: String) {
        var screen = Screen(width: 30, height: 2)
        let end = screen.write(text + "|", row: 0)
        let update = screen.update(from: Screen(width: 30, height: 2), isColored: false)
        // One move, and then a column for each scalar.
        #expect(update.hasPrefix("\u{1b}[1;1H"))
        let rest = update.dropFirst(6).unicodeScalars
        #expect(rest.count == end)
        #expect(rest.allSatisfy { !$0.steersTerminals && $0.value < 0x2600 })
        #expect(rest.last == "|")
    }
}
