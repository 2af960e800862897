import Checks
import Glibc
import Testing

@testable import HaopsCommands

/// Lines in a narrow window: broken at blanks, continued under their own column, and left alone where nobody looks.
struct WrappingTests {
    private static let why =
        "lb1 holds it, and lb2, which might hold it too, did not answer when it was asked"
    private static let file = "/etc/keepalived/conf.d/a-very-long-name-of-an-instance/virtual-addresses.conf"

    private static func style(_ width: Int?, isColored: Bool = false) -> Style {
        Style(isColored: isColored, width: width)
    }

    private static func withoutColour(_ text: String) -> String {
        Style.sequences.reduce(text) { $0.replacing($1, with: "") }
    }

    private static func words(_ text: String) -> [Substring] { text.split { $0 == " " || $0 == "\n" } }

    @Test func `the last column is continued under itself`() {
        let table = Table(columns: ["vip", "why"], rows: [["203.0.113.50", Table.Cell(Self.why)]])
        #expect(
            table.text(Self.style(50), indent: 2) == """
                  VIP           WHY
                  203.0.113.50  lb1 holds it, and lb2, which might
                                hold it too, did not answer when
                                it was asked

                """)
    }

    @Test func `without a terminal nothing is wrapped`() {
        let table = Table(columns: ["vip", "why"], rows: [["203.0.113.50", Table.Cell(Self.why)]])
        #expect(table.text(Self.style(nil)).split(separator: "\n").count == 2)
        #expect(Self.report(Self.style(nil)).split(separator: "\n").count == 5)
    }

    @Test func `a column before it gives way when the last one alone cannot`() {
        let table = Table(
            columns: ["node", "role", "drift"],
            rows: [["lb1", "VI_1 MASTER 150, VI_2 BACKUP 100", "as the inventory says"]])
        #expect(
            table.text(Self.style(47)) == """
                NODE  ROLE                  DRIFT
                lb1   VI_1 MASTER 150,      as the inventory
                      VI_2 BACKUP 100       says

                """)
    }

    @Test func `a path is longer than its line rather than broken`() {
        let table = Table(
            columns: ["vip", "why"], rows: [["203.0.113.50", Table.Cell("\(Self.file) differs")]])
        let text = table.text(Self.style(40))
        #expect(text.contains(Self.file + "\n"))
        // Nor is a remedy: it is a command, and would be pasted broken.
        #expect(Self.report(Self.style(40)).contains("  fix: make \(Self.file) the same on every node\n"))
    }

    @Test(arguments: [60, 80, 100], [true, false])
    func `findings fit the window, and no word is lost`(width: Int, isColored: Bool) {
        let text = Self.withoutColour(Self.report(Self.style(width, isColored: isColored)))
        for line in text.split(separator: "\n") where !line.contains(Self.file) {
            #expect(line.count <= width, "\(line)")
        }
        #expect(Self.words(text) == Self.words(Self.report(Self.style(nil))))
    }

    @Test func `a finding hangs below its head`() {
        let text = Self.report(Self.style(60))
        #expect(
            text.hasPrefix(
                """
                error vip-split  lb1, lb2: lb1 holds it, and lb2, which
                    might hold it too, did not answer when it was asked
                    lb1: /etc/keepalived/keepalived.conf says priority 150,
                      and its daemon 100
                  effect: lb1 holds it, and lb2, which might hold it too,
                          did not answer when it was asked

                """), "\(text)")
    }

    private static func report(_ style: Style) -> String {
        let finding = Finding(
            id: "vip-split", severity: .error, nodes: ["lb1", "lb2"], message: why, effect: why,
            fix: "make \(file) the same on every node",
            evidence: [
                Evidence(
                    .daemon, on: "lb1",
                    "/etc/keepalived/keepalived.conf says priority 150, and its daemon 100")
            ])
        return FindingsReport(command: "doctor", findings: [finding], allClear: "").report(style: style).text
    }

    @Test func `blanks at the head of a text stay, and none is where a line was broken`() {
        #expect(Wrapped("  a b  c", indent: 1, width: nil).lines == ["   a b  c\n"])
        #expect(Wrapped("  a b  c", indent: 1, width: 6).lines == ["   a b\n", " c\n"])
        #expect(Wrapped("", indent: 4, width: 10).text(after: "so: ") == "so: \n")
    }

    @Test(arguments: [(132, 132), (0, 80)])
    func `a window is as wide as it says, and one that does not say it has eighty columns`(
        columns: UInt16, width: Int
    ) throws {
        var (keyboard, line) = (Int32(-1), Int32(-1))
        var size = winsize(ws_row: 24, ws_col: columns, ws_xpixel: 0, ws_ypixel: 0)
        try unsafe #require(openpty(&keyboard, &line, nil, nil, &size) == 0)
        defer {
            close(keyboard)
            close(line)
        }
        #expect(ColorChoice.never.style(for: line).width == width)
        #expect(ColorChoice.always.style(for: line).width == width)
    }

    @Test func `what is no terminal has no width`() throws {
        let file = unsafe open("/dev/null", O_WRONLY)
        defer { close(file) }
        #expect(ColorChoice.auto.style(for: file).width == nil)
        #expect(ColorChoice.always.style(for: file).width == nil)
    }
}
