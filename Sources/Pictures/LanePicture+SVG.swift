extension LanePicture {
    /// The picture as an element of SVG 1.1 that asks for nothing else.
    ///
    /// - `isAlone`: as a file of its own, with the list of events below the lanes.
    package func svg(isAlone: Bool = true) -> String {
        let layout = LaneLayout(picture: self)
        let list = isAlone ? events : []
        let head = isAlone ? caption.lines(ofAtMost: Self.longestLine) : []
        let shift = isAlone ? 28 + 15 * Double(head.count) : 0
        let height = layout.height + (list.isEmpty ? 0 : 14 + 18 * Double(list.count)) + shift
        var out = """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(LaneLayout.width)) \(height.text)" \
            role="img" aria-label="\((title + ": " + caption).escaped)">
            <style>\(Self.style)</style>

            """
        if isAlone {
            out += """
                <rect class="page" width="100%" height="100%"/>
                <text class="title" x="10" y="18">\(title.escaped)</text>

                """
            for (index, line) in head.enumerated() {
                out += "<text class=\"small\" x=\"10\" y=\"\(36 + 15 * index)\">\(line.escaped)</text>\n"
            }
        }
        out += "<g transform=\"translate(0 \(shift.text))\">\n" + drawing(layout)
        for (index, line) in list.enumerated() {
            let y = layout.height + 14 + 18 * Double(index)
            out +=
                "<text class=\"small\" x=\"10\" y=\"\(y.text)\">\(line.prefix(Self.longestLine).escaped)</text>\n"
        }
        return out + "</g>\n</svg>\n"
    }

    /// Letters of a small text that fit beside each other.
    private static let longestLine = 145

    /// The events as lines: "3  03:27:18.117  lb1  …".
    var events: [String] {
        numbered.enumerated().map { index, event in
            "\(index + 1)  \(event.mark.time.clock)  \(lanes[event.lane].name)  \(event.mark.text)"
        }
    }

    private func drawing(_ layout: LaneLayout) -> String {
        var out = ""
        let (left, right) = layout.plot
        for tick in layout.ticks {
            out += """
                <line class="grid" x1="\(tick.x.text)" x2="\(tick.x.text)" y1="\(LaneLayout.head.text)" y2="\(layout.bottom.text)"/>
                <text class="small" text-anchor="\(tick.x > right - 50 ? "end" : tick.x < left + 50 ? "start" : "middle")" \
                x="\(tick.x.text)" y="\((layout.bottom + 17).text)">\(tick.label)</text>

                """
        }
        if let gap {
            let (start, end) = (layout.x(gap.start), layout.x(gap.end))
            out += """
                <rect class="gap" x="\(start.text)" y="\(LaneLayout.head.text)" width="\(max(2, end - start).text)" \
                height="\((layout.bottom - LaneLayout.head).text)"/>
                <text class="gaplabel" text-anchor="middle" x="\(layout.middle(of: gap.label, from: start, to: end).text)" \
                y="\((LaneLayout.head - 8).text)">\(gap.label.escaped)</text>

                """
        }
        for (index, lane) in lanes.enumerated() {
            let top = layout.top(ofLane: index)
            out += """
                <line class="lane" x1="\(left.text)" x2="\(right.text)" y1="\((top + 18).text)" y2="\((top + 18).text)"/>
                <text class="name" x="10" y="\((top + 22).text)">\(layout.shortened(lane.name).escaped)</text>

                """
            if !lane.caption.isEmpty {
                out +=
                    "<text class=\"small\" x=\"10\" y=\"\((top + 38).text)\">\(layout.shortenedCaption(lane.caption).escaped)</text>\n"
            }
            for (number, band) in lane.bands.enumerated() { out += drawing(band, number, layout, top + 8) }
            if let strip = lane.strip { out += drawing(strip, layout, layout.stripTop(ofLane: index)) }
            let y = layout.signMiddle(ofLane: index)
            for sign in layout.signs(ofLane: index) {
                out += """
                    <line class="lead" x1="\(sign.time.text)" y1="\((lane.strip == nil ? top + 28 : y - LaneLayout.radius - 6).text)" x2="\(sign.place.text)" y2="\((y - LaneLayout.radius).text)"/>
                    <circle class="\(sign.mark.isTransition ? "sign strong" : "sign")" cx="\(sign.place.text)" cy="\(y.text)" r="\(LaneLayout.radius.text)">\
                    <title>\(sign.mark.text.escaped)</title></circle>
                    <text class="\(sign.mark.isTransition ? "number strong" : "number")" text-anchor="middle" x="\(sign.place.text)" y="\((y + 3.5).text)">\(sign.number)</text>

                    """
            }
        }
        return out
    }

    /// Latencies as strokes from below, and what was lost as strokes of the whole height with a bar above: one path each.
    private func drawing(_ strip: Strip, _ layout: LaneLayout, _ top: Double) -> String {
        let (left, right) = layout.plot
        let columns = StripColumns(strip, count: Int(right - left) + 1, in: start...end) {
            Int(layout.x($0) - left)
        }.columns
        let bottom = top + LaneLayout.stripHeight
        var (latency, lost) = ("", "")
        for (index, column) in columns.enumerated() {
            let x = (left + Double(index) + 0.5).text
            if let height = column.height {
                latency += "M\(x) \(bottom.text)v\((-max(1, height * (LaneLayout.stripHeight - 5))).text)"
            }
            if column.isLost {
                lost += "M\(x) \(top.text)v\(column.height == nil ? LaneLayout.stripHeight.text : "4")"
            }
        }
        return """
            <line class="grid" x1="\(left.text)" x2="\(right.text)" y1="\(bottom.text)" y2="\(bottom.text)"/>
            <path class="latency" d="\(latency)"/>
            \(lost.isEmpty ? "" : "<path class=\"lost\" d=\"\(lost)\"/>")

            """
    }

    private func drawing(_ band: Band, _ number: Int, _ layout: LaneLayout, _ top: Double) -> String {
        let (left, right) = layout.plot
        let start = band.start.map(layout.x) ?? left
        let end = max(start + 2, band.end.map(layout.x) ?? right)
        var out =
            "<rect class=\"band \(band.kind)\(band.kind == .step && number % 2 == 1 ? " odd" : "")\" x=\"\(start.text)\" y=\"\(top.text)\" width=\"\((end - start).text)\" height=\"\(LaneLayout.bandHeight.text)\" rx=\"3\"><title>\(band.label.escaped)</title></rect>\n"
        if layout.fits(band.label, in: end - start) {
            out +=
                "<text class=\"bandlabel \(band.kind)\" x=\"\((start + 5).text)\" y=\"\((top + 14).text)\">\(band.label.escaped)</text>\n"
        }
        return out
    }

    private static let style = PictureStyle.sheet(
        """
        .name{font-weight:600;font-size:13px}.lane{stroke:#b9c1cc;stroke-width:2}.band{fill:#2f7d4f}\
        .bandlabel{fill:#fff;font-size:11px;font-weight:600}.gap{fill:#c0392b;fill-opacity:.18}\
        .gaplabel{fill:#a32a1d;font-weight:600}\
        .band.step{fill:#5c4d8a}.band.step.odd{fill:#8577b8}.band.expected{fill:#34557f}\
        .band.possible{fill:#34557f;fill-opacity:.25;stroke:#34557f;stroke-dasharray:3 2}.band.silent{fill:#b3372a}\
        text.possible{fill:#1c2330}.latency{stroke:#34557f;fill:none}.lost{stroke:#b3372a;fill:none}.lead{stroke:#8a94a3}.sign{fill:#fff;stroke:#5b6676}\
        .sign.strong{fill:#1c2330;stroke:#1c2330}.number{font-size:10px}.number.strong{fill:#fff}
        """,
        dark: """
            .lane{stroke:#48525f}.band{fill:#2f8f58}.gap{fill:#ff6b57;fill-opacity:.25}.gaplabel{fill:#ff8a7a}\
            .band.step{fill:#7768b0}.band.step.odd{fill:#574a87}.band.expected,.band.possible{fill:#4a76ad}\
            text.possible{fill:#e8ebf0}.latency{stroke:#8db4e8}.lost{stroke:#ff8a7a}\
            .sign{fill:#14181f;stroke:#a6b0be}.sign.strong{fill:#e8ebf0;stroke:#e8ebf0}.number.strong{fill:#14181f}
            """)
}
