import Events

extension LanePicture {
    /// The signs that lanes are drawn with in a terminal.
    package struct Signs: Sendable {
        var lane: Character
        var band: Character
        var gap: Character
        /// Bands of steps in turn, of what is expected, of what is possible, and of silence.
        var steps: [Character]
        var expected: Character
        var possible: Character
        /// From short to long.
        var latencies: [Character]
        var lost: Character

        package static let unicode = Signs(
            lane: "─", band: "█", gap: "░", steps: ["▓", "▒"], expected: "▓", possible: "▒",
            latencies: Array("▁▂▃▄▅▆▇█"), lost: "×")
        package static let ascii = Signs(
            lane: "-", band: "=", gap: ".", steps: ["#", "+"], expected: "#", possible: "+",
            latencies: Array("_.:|"), lost: "x")

        fileprivate func sign(_ kind: Band.Kind, _ number: Int) -> Character {
            switch kind {
            case .held: band
            case .step: steps[number % steps.count]
            case .expected: expected
            case .possible: possible
            case .silent: lost
            }
        }
    }

    /// The picture as lines of text: a lane for each node, below it the signs of its events, then the times and the list of events.
    ///
    /// - `width`: columns of the terminal.
    package func text(width: Int, signs: Signs) -> [String] {
        let heads = lanes.map { max($0.name.count, $0.strip == nil ? 0 : $0.caption.count) }
        let nameWidth = min(24, heads.max() ?? 0)
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
            for (number, band) in lane.bands.enumerated() {
                let first = band.start.map(column) ?? 0
                let last = max(first, band.end.map(column) ?? columns - 1)
                for place in first...last { row[place] = signs.sign(band.kind, number) }
                guard !band.label.isEmpty, band.label.count + 4 <= last - first else { continue }
                for (place, letter) in zip((first + 1)..., " \(band.label) ") { row[place] = letter }
            }
            // A caption stands behind the bands where it has room; that of a strip is in the strip's own row.
            let after = (lane.bands.compactMap { $0.end.map(column) }.max() ?? 0) + 2
            if lane.strip == nil, !lane.caption.isEmpty, after + lane.caption.count + 2 <= columns {
                for (place, letter) in zip(after..., " \(lane.caption) ") { row[place] = letter }
            }
            func line(_ head: String, _ row: [Character]) -> String {
                let head = head.prefix(nameWidth)
                return "  " + head + String(repeating: " ", count: nameWidth - head.count + 1) + String(row)
            }
            lines.append(line(lane.name, row))
            if let strip = lane.strip {
                let cells = StripColumns(strip, count: columns, in: start...end, column: column).columns
                lines.append(line(lane.caption, cells.map { $0.sign(signs) }))
            }
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

extension StripColumns.Column {
    fileprivate func sign(_ signs: LanePicture.Signs) -> Character {
        if isLost { return signs.lost }
        guard let height else { return " " }
        return signs.latencies[min(signs.latencies.count - 1, Int(height * Double(signs.latencies.count)))]
    }
}
