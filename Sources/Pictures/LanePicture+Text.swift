import Events

extension LanePicture {
    /// The signs that lanes are drawn with in a terminal.
    package struct Signs: Sendable {
        var lane: Character
        var band: Character
        var gap: Character

        package static let unicode = Signs(lane: "─", band: "█", gap: "░")
        package static let ascii = Signs(lane: "-", band: "=", gap: ".")
    }

    /// The picture as lines of text: a lane for each node, below it the signs of its events, then the times and the list of events.
    ///
    /// - `width`: columns of the terminal.
    package func text(width: Int, signs: Signs) -> [String] {
        let nameWidth = min(24, lanes.map(\.name.count).max() ?? 0)
        let columns = max(20, min(width, 160) - nameWidth - 3)
        func column(_ time: UTCTime) -> Int {
            let span = end.millisecondsSince1970 - start.millisecondsSince1970
            let offset = min(span, max(0, time.millisecondsSince1970 - start.millisecondsSince1970))
            return offset * (columns - 1) / span
        }
        var lines: [String] = []
        if let gap {
            let left = min(column(gap.start), max(0, columns - gap.label.count))
            lines.append(String(repeating: " ", count: nameWidth + 3 + left) + gap.label)
        }
        for (index, lane) in lanes.enumerated() {
            var row = [Character](repeating: signs.lane, count: columns)
            if let gap {
                for place in column(gap.start)...max(column(gap.start), column(gap.end)) {
                    row[place] = signs.gap
                }
            }
            for band in lane.bands {
                let first = band.start.map(column) ?? 0
                let last = max(first, band.end.map(column) ?? columns - 1)
                for place in first...last { row[place] = signs.band }
            }
            let name = lane.name.prefix(nameWidth)
            lines.append(
                "  " + name + String(repeating: " ", count: nameWidth - name.count + 1) + String(row))
            let events = signRow(ofLane: index, columns, column)
            if !events.isEmpty {
                lines.append(String(repeating: " ", count: nameWidth + 3) + events)
            }
        }
        lines.append(String(repeating: " ", count: nameWidth + 3) + axis(columns, column))
        return lines
            + numbered.prefix(Self.letters.count).enumerated().map { index, event in
                "  \(Self.letters[index])  \(event.mark.time.clock)  \(lanes[event.lane].name)  \(event.mark.text)"
            }
    }

    /// What events are numbered with where one column is all there is.
    private static let letters = Array("123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

    /// The signs of one lane, each where its event is, or beside its neighbour.
    private func signRow(ofLane lane: Int, _ columns: Int, _ column: (UTCTime) -> Int) -> String {
        let own = numbered.prefix(Self.letters.count).enumerated().filter { $0.element.lane == lane }
            .prefix(columns)
        var places = own.map { column($0.element.mark.time) }
        for index in places.indices.dropFirst() { places[index] = max(places[index], places[index - 1] + 1) }
        var limit = columns - 1
        for index in places.indices.reversed() {
            places[index] = min(places[index], limit)
            limit = places[index] - 1
        }
        var row = ""
        for (event, place) in zip(own, places) {
            row += String(repeating: " ", count: place - row.count) + String(Self.letters[event.offset])
        }
        return row
    }

    /// The times below the lanes, as many as there is room for.
    private func axis(_ columns: Int, _ column: (UTCTime) -> Int) -> String {
        var row = ""
        for tick in LaneLayout(picture: self).ticks {
            let place = min(column(tick.time), columns - tick.label.count)
            guard place >= 0, row.isEmpty || place > row.count else { continue }
            row += String(repeating: " ", count: place - row.count) + tick.label
        }
        return row
    }
}
