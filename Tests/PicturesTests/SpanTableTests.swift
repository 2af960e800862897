import Testing

@testable import Pictures

struct SpanTableTests {
    private static func table(_ spans: [SpanTable.Span], name: String = "crash lb1") -> SpanTable {
        SpanTable(
            title: "VI_1", columns: ["when", "silence"], spanColumn: 1,
            rows: spans.map { SpanTable.Row([name, "so long"], span: $0) })
    }

    @Test(arguments: [
        (0, "25 ms"), (60, "75 ms"), (609, "750 ms"), (3609, "4 s"), (7600, "8 s"), (59_000, "1 min"),
        (86_400_000 * 30, "43200 min"),
    ])
    func `the scale ends behind the longest time, with few ticks`(_ longest: Int, _ end: String) {
        let scale = SpanScale([Self.table([.between(0, longest), .endless])])
        #expect(scale.end >= longest && scale.ticks.count <= 5)
        #expect(scale.ticks.first?.label == "0" && scale.ticks.last?.label == end)
        #expect(scale.part(longest) <= 1)
    }

    @Test func `tables have one scale, and a longer time a longer bar`() {
        let tables = [Self.table([.between(1000, 2000)]), Self.table([.between(4000, 4000)])]
        let scale = SpanScale(tables)
        #expect(scale.end == 4000 && scale.part(1000) == 0.25 && scale.part(4000) == 1)
        let bar = SpanTable.Span.between(1000, 2000).bar(scale, x: 0, y: 0, width: 100)
        #expect(bar.contains("class=\"sure\" x=\"0\" y=\"2\" width=\"25\""))
        #expect(bar.contains("class=\"maybe\" x=\"25\" y=\"2\" width=\"25\""))
    }

    @Test func `a text of a node stays a text`() {
        var table = Self.table([.none], name: "</th><script>alert(1)</script>")
        table.title = "<b>"
        table.notes = ["<u>"]
        table.rows[0].mark = .init("<i>", isBad: true)
        let advice = SpanTablePage.Advice(title: "<em>", lines: ["<s>"])
        let page = SpanTablePage(title: "<q>", remarks: [], tables: [table], advice: [advice]).html
        for text in [page, SpanTable.svg([table], title: "<q>")] {
            for tag in ["<script", "<b>", "<u>", "<i>", "<em>", "<s>", "<q>"] { #expect(!text.contains(tag)) }
        }
    }

    @Test func `a cell that is too long for an image is cut there`() {
        let name = String(repeating: "x", count: 90)
        let image = SpanTable.svg([Self.table([.endless], name: name)], title: "t")
        #expect(image.contains("x…</text>") && image.contains("<title>\(name)</title>"))
    }
}
