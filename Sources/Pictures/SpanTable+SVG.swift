extension SpanTable {
    private static let barWidth = 190.0
    private static let rowHeight = 24.0
    private static let letter = 6.8
    private static let gap = 18.0
    /// A longer cell is cut, and whole in its title.
    private static let longestCell = 44

    /// All tables below each other, as an element of SVG 1.1 that asks for nothing else.
    package static func svg(_ tables: [SpanTable], title: String) -> String {
        let scale = SpanScale(tables)
        let places = places(tables)
        let width = max(480, (places.last ?? 0) + 10, Double(title.count) * 9 + 20)
        var y = 34.0
        var body = ""
        for table in tables {
            body += table.drawing(scale, places, &y)
            y += 16
        }
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(y.text)" role="img" \
            aria-label="\((title + ": " + tables.map(\.title).joined(separator: "; ")).escaped)">
            <style>\(style)</style>
            <rect class="page" width="100%" height="100%"/>
            <text class="title" x="10" y="22">\(title.escaped)</text>
            \(body)</svg>

            """
    }

    /// Where each column of all tables begins, by its longest cell, and where the last one ends.
    private static func places(_ tables: [SpanTable]) -> [Double] {
        var places = [10.0]
        for index in 0..<(tables.map(\.columns.count).max() ?? 0) {
            let cells = tables.flatMap { table in
                table.names.dropFirst(index).prefix(1) + table.rows.map { shortened(table.words($0, index)) }
            }
            let longest = Double(cells.map(\.count).max() ?? 0) * letter + gap
            let hasBars = tables.contains { $0.spanColumn == index }
            places.append(places[index] + longest + (hasBars ? barWidth + 8 : 0))
        }
        return places
    }

    private var names: [String] { columns.map { $0.uppercased() } }

    /// A row begins with what is marked in it.
    private func words(_ row: Row, _ column: Int) -> String {
        guard row.cells.indices.contains(column) else { return "" }
        return (column == 0 ? row.mark.map { "\($0.word): " } ?? "" : "") + row.cells[column]
    }

    private static func shortened(_ text: String) -> String {
        text.count <= longestCell ? text : text.prefix(longestCell - 1) + "…"
    }

    private func drawing(_ scale: SpanScale, _ places: [Double], _ y: inout Double) -> String {
        y += 18
        var out = "<text class=\"table\" x=\"10\" y=\"\(y.text)\">\(title.escaped)</text>\n"
        for note in notes.flatMap({ $0.lines(ofAtMost: 110) }) {
            y += 16
            out += "<text class=\"small\" x=\"10\" y=\"\(y.text)\">\(note.escaped)</text>\n"
        }
        y += 24
        for (index, x) in zip(columns.indices, places) {
            // The scale stands in the place of its column's name.
            guard index == spanColumn else {
                out +=
                    "<text class=\"small\" x=\"\(x.text)\" y=\"\(y.text)\">\(names[index].escaped)</text>\n"
                continue
            }
            for tick in scale.ticks {
                let anchor = tick.time == 0 ? "start" : tick.time == scale.end ? "end" : "middle"
                out +=
                    "<text class=\"small\" text-anchor=\"\(anchor)\" x=\"\((x + Self.barWidth * scale.part(tick.time)).text)\" y=\"\(y.text)\">\(tick.label)</text>\n"
            }
            out +=
                "<text class=\"small\" x=\"\((x + Self.barWidth + 8).text)\" y=\"\(y.text)\">\(names[index].escaped)</text>\n"
        }
        y += 8
        for row in rows {
            let base = y + 16
            if row.mark?.isBad == true {
                out +=
                    "<rect class=\"badrow\" x=\"4\" y=\"\((y + 1).text)\" width=\"\(((places.last ?? 4) - 4).text)\" height=\"\((Self.rowHeight - 2).text)\"/>\n"
            }
            for (index, x) in zip(columns.indices, places) {
                var place = x
                if index == spanColumn {
                    out += row.span.bar(scale, x: x, y: y + 5, width: Self.barWidth) + "\n"
                    place += Self.barWidth + 8
                }
                let text = words(row, index)
                let kind = index == 0 && row.mark?.isBad == true ? " class=\"bad\"" : ""
                let short = Self.shortened(text)
                let whole = short == text ? "" : "<title>\(text.escaped)</title>"
                out += "<text\(kind) x=\"\(place.text)\" y=\"\(base.text)\">\(whole)\(short.escaped)</text>\n"
            }
            y += Self.rowHeight
        }
        return out
    }

    private static let style = PictureStyle.sheet(
        ".table{font-size:13px;font-weight:600}.bad{font-weight:600;fill:#a32a1d}.badrow{fill:#c0392b;fill-opacity:.1}"
            + Span.style.light,
        dark: ".bad{fill:#ff8a7a}.badrow{fill:#ff6b57;fill-opacity:.16}" + Span.style.dark)
}
