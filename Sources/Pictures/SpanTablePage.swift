/// Tables with bars as one page, and what is to be done about their rows.
package struct SpanTablePage: Sendable {
    /// What is to be done, in a few lines.
    package struct Advice: Hashable, Sendable {
        package var title: String
        package var lines: [String]

        package init(title: String, lines: [String]) { (self.title, self.lines) = (title, lines) }
    }

    package var title: String
    /// What holds for all of them, a sentence each.
    package var remarks: [String]
    package var tables: [SpanTable]
    package var advice: [Advice]

    package init(title: String, remarks: [String], tables: [SpanTable], advice: [Advice]) {
        (self.title, self.remarks, self.tables, self.advice) = (title, remarks, tables, advice)
    }

    package var html: String {
        let scale = SpanScale(tables)
        let legend =
            "All bars have one scale, which ends at \(scale.ticks.last?.label ?? "0"): full up to the shortest time, pale from there to the longest; an arrow does not end by itself."
        let head = (remarks + [legend]).map { "<p class=\"remark\">\($0.escaped)</p>" }
        let sections = tables.map { section($0, scale) }
        let list =
            advice.isEmpty
            ? []
            : ["<section><h2>What to do</h2>\n<dl>"]
                + advice.map { one in
                    "<dt>\(one.title.escaped)</dt>"
                        + one.lines.map { "<dd>\($0.escaped)</dd>" }.joined()
                } + ["</dl></section>"]
        return HTMLPage(
            title: title, style: Self.style, body: (head + sections + list).joined(separator: "\n")
        ).text
    }

    // The roles are those that the elements have: some browsers drop them where a style sheet lays a table out otherwise.
    private func section(_ table: SpanTable, _ scale: SpanScale) -> String {
        let names = table.columns.enumerated().map { index, name in
            "<th role=\"columnheader\" scope=\"col\">\(name.uppercased().escaped)\(index == table.spanColumn ? axis(scale) : "")</th>"
        }
        let rows = table.rows.map { row -> String in
            let kind = row.mark.map { $0.isBad ? " class=\"bad\"" : " class=\"note\"" } ?? ""
            let cells = row.cells.enumerated().map { index, cell -> String in
                let mark =
                    index == 0 ? row.mark.map { "<span class=\"mark\">\($0.word.escaped)</span> " } ?? "" : ""
                let bar =
                    index == table.spanColumn
                    ? Self.frame(row.span.bar(scale, x: 1, y: 0, width: Self.width)) : ""
                let name = table.columns.indices.contains(index) ? table.columns[index].uppercased() : ""
                let tag = index == 0 ? "th role=\"rowheader\" scope=\"row\"" : "td role=\"cell\""
                return
                    "<\(tag) data-name=\"\(name.escaped)\">\(bar)\(mark)\(cell.escaped)</\(index == 0 ? "th" : "td")>"
            }
            return "<tr role=\"row\"\(kind)>\(cells.joined())</tr>"
        }
        return """
            <section><h2>\(table.title.escaped)</h2>
            \(table.notes.map { "<p class=\"remark\">\($0.escaped)</p>" }.joined(separator: "\n"))
            <table role="table" aria-label="\(table.title.escaped)"><thead role="rowgroup"><tr role="row">\(names.joined())</tr></thead>
            <tbody role="rowgroup">
            \(rows.joined(separator: "\n"))
            </tbody></table></section>
            """
    }

    private static let width = 198.0

    /// A bar's words stand beside it.
    private static func frame(_ bar: String, height: Double = SpanTable.Span.barHeight) -> String {
        "<svg class=\"bar\" aria-hidden=\"true\" viewBox=\"0 0 200 \(height.text)\">\(bar)</svg>"
    }

    private func axis(_ scale: SpanScale) -> String {
        let ticks = scale.ticks.map { tick in
            let anchor = tick.time == 0 ? "start" : tick.time == scale.end ? "end" : "middle"
            return
                "<text class=\"small\" text-anchor=\"\(anchor)\" x=\"\((1 + Self.width * scale.part(tick.time)).text)\" y=\"11\">\(tick.label)</text>"
        }
        return Self.frame(ticks.joined())
    }

    private static let style =
        PictureStyle.sheet(SpanTable.Span.style.light, dark: SpanTable.Span.style.dark) + """
            h2{font-size:1.1rem;margin:2rem 0 .3rem}.remark{opacity:.75;margin:.2rem 0}\
            table{border-collapse:collapse;width:100%;font-size:.9rem;table-layout:fixed}\
            th,td{text-align:left;vertical-align:top;padding:.3rem .6rem .3rem .5rem;overflow-wrap:anywhere}\
            th:nth-child(1){width:27%}th:nth-child(2){width:17%}th:nth-child(3){width:22%}th:nth-child(4){width:12%}\
            th[scope=row]{font-weight:400}thead th{vertical-align:bottom;border-bottom:1px solid #8886}\
            tbody tr{border-bottom:1px solid #8883;break-inside:avoid}.bar{display:block;width:100%;min-width:9rem;max-width:14rem}\
            .mark{border:1px solid;border-radius:.2rem;padding:0 .3rem;font-size:.8rem;white-space:nowrap}\
            tr.bad th{font-weight:600;border-left:.3rem solid #b3372a}tr.bad .mark{background:#b3372a;color:#fff;border-color:#b3372a}\
            dt{font-weight:600;margin-top:.6rem}dd{margin:0 0 0 1.2rem;overflow-wrap:anywhere}\
            @media(max-width:45rem){thead th:nth-child(n),th:nth-child(n){width:auto}thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\
            table,tbody{display:block}tr{display:block;padding:.4rem 0}tbody th,tbody td{display:block;padding:.1rem .5rem}\
            td::before{content:attr(data-name) ' ';font-size:.75rem;opacity:.7}}\
            @media print{section{break-inside:auto}.bar{min-width:0}}
            """
}
