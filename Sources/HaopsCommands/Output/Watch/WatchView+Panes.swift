import Addresses
import Checks
import Inventory
import Remote
import Survey

extension WatchView {
    /// Problems, clusters and what happened, one below the other.
    func overview(_ rows: WatchRows, _ screen: inout Screen) {
        var row = 2
        // The last line has the keys. Events have a quarter of the window, and what the clusters leave free.
        let eventLines = max(3, (height - 4) / 4)
        let end = height - 2 - eventLines
        let problems = rows.problems
        if !problems.isEmpty {
            let room = max(1, min(problems.count, (end - row) / 3))
            title("PROBLEMS (\(problems.count))", &row, &screen)
            let fitting = problems.count <= room ? room : room - 1
            for problem in problems.prefix(fitting) {
                let head = rows.model.clusters.count > 1 ? "\(problem.cluster): " : ""
                screen.write(head + problem.text, row: row, column: 2, tone: problem.tone)
                row += 1
            }
            if problems.count > fitting {
                screen.write("and \(problems.count - fitting) more", row: row, column: 2, tone: .faint)
                row += 1
            }
            row += 1
        }
        row = clusterTable(rows, from: row, to: end - 1, &screen) + 1
        title("EVENTS", &row, &screen)
        log(events, rows, from: row, to: height - 1, &screen)
    }

    private func title(_ text: String, _ row: inout Int, _ screen: inout Screen) {
        screen.write(text, row: row, tone: .faint)
        row += 1
    }

    /// - `to`: the line behind the last one.
    /// - Returns: the line behind the last one that is used.
    private func clusterTable(
        _ rows: WatchRows, from start: Int, to end: Int, _ screen: inout Screen
    ) -> Int {
        let clusters = rows.clusters
        let room = end - start - 1
        guard room > 0 else { return end }
        guard !clusters.isEmpty else {
            screen.write("no cluster has `\(filter)` in a name, an address or a state", row: start)
            return start + 1
        }
        // Nodes are listed below their clusters where all fit.
        let lines = clusters.map { state in (state.cluster.name, rows.rows(of: state)) }
        let nodes = clusters.map { rows.model.nodes.isEmpty ? [] : $0.cluster.nodes }
        let total = lines.map(\.1.count).reduce(0, +) + nodes.map(\.count).reduce(0, +)
        var list: [(name: String, row: WatchRows.Row)] = []
        for (index, line) in lines.enumerated() {
            list += line.1.map { (line.0, $0) }
            if total <= room { list += rows.nodeRows(of: clusters[index]).map { (line.0, $0) } }
        }
        // The chosen cluster stays in sight.
        let place = chosen.flatMap { name in list.firstIndex { $0.name == name } } ?? 0
        let last = max(0, list.count - room)
        let offset = min(last, max(0, place - room / 2))
        let visible = Array(list.dropFirst(offset).prefix(room))
        table(
            visible.map(\.row), from: start, &screen,
            chosen: visible.firstIndex { $0.name == chosen })
        if offset > 0 || offset < last {
            let text = "\(offset + 1)-\(offset + visible.count) of \(list.count)"
            screen.write(text, row: start, column: max(0, width - text.count), tone: .faint)
        }
        return start + 1 + visible.count
    }

    private func table(
        _ rows: [WatchRows.Row], from start: Int, _ screen: inout Screen, chosen: Int? = nil
    ) {
        let head = WatchRows.columns.map { Table.Cell($0, .faint) }
        let all = [head] + rows
        var widths = head.indices.map { column in all.map { $0[column].text.displayWidth }.max() ?? 0 }
        // A narrow window cuts addresses and names first.
        for column in [1, 0, 3] {
            let excess = widths.reduce(2 * (widths.count - 1), +) - width
            if excess > 0 { widths[column] = max(min(widths[column], 12), widths[column] - excess) }
        }
        for (index, cells) in all.enumerated() {
            var column = 0
            for (cell, width) in zip(cells, widths) {
                screen.write(cell.text, row: start + index, column: column, limit: width, tone: cell.tone)
                column += width + 2
            }
            if index - 1 == chosen { screen.reverse(row: start + index) }
        }
    }

    /// The newest events, the last one at the bottom.
    private func log(
        _ events: some BidirectionalCollection<WatchEvent>, _ rows: WatchRows, from start: Int, to end: Int,
        _ screen: inout Screen
    ) {
        let names = rows.model.nodes.keys.map(\.name.displayWidth).max() ?? 1
        let clusters =
            rows.model.clusters.count > 1 ? rows.model.clusters.map(\.cluster.name.displayWidth) : []
        let (clusterWidth, nodeWidth) = (min(16, clusters.max() ?? 0), min(16, names))
        for (index, event) in events.suffix(max(0, end - start)).enumerated() {
            var column = screen.write(event.time.clock, row: start + index, tone: .faint) + 2
            if clusterWidth > 0 {
                screen.write(event.cluster, row: start + index, column: column, limit: clusterWidth)
                column += clusterWidth + 2
            }
            screen.write(event.node?.name ?? "-", row: start + index, column: column, limit: nodeWidth)
            column += nodeWidth + 2
            screen.write(
                event.words.concealed, row: start + index, column: column, tone: event.weight.tone)
        }
        if events.isEmpty { screen.write("nothing has changed yet", row: start, tone: .faint) }
    }

    /// One cluster: its problems, addresses, nodes, servers and checks, and what happened there.
    func show(_ state: WatchModel.ClusterState, _ rows: WatchRows, _ screen: inout Screen) {
        var row = 2
        let looked = state.lookedAt.map { "looked at \(rows.age($0)) ago" } ?? "not looked at yet"
        title("\(state.cluster.name.uppercased()): \(looked)", &row, &screen)
        for problem in rows.problems(of: state).prefix(5) {
            screen.write(problem.text, row: row, column: 2, tone: problem.tone)
            row += 1
        }
        row += 1
        let lines = rows.rows(of: state) + rows.nodeRows(of: state)
        table(lines, from: row, &screen)
        row += lines.count + 2
        for line in facts(of: state, rows) where row < height - 4 {
            screen.write(line, row: row, column: 2)
            row += 1
        }
        row += 1
        guard row < height - 2 else { return }
        title("EVENTS", &row, &screen)
        log(events.filter { $0.cluster == state.cluster.name }, rows, from: row, to: height - 1, &screen)
    }

    /// What the table has no place for: every address, and every server as each node sees it.
    private func facts(of state: WatchModel.ClusterState, _ rows: WatchRows) -> [String] {
        let addresses = state.shown.map { shown in
            "\(shown.ownership.vip): \(shown.ownership.verdict.rawValue), \(shown.ownership.reason); "
                + "answers: \(shown.ownership.answerWord)"
        }
        let nodes = state.cluster.nodes.flatMap { node -> [String] in
            guard let sight = rows.model.nodes[node.id]?.sight else { return [] }
            let servers = sight.servers.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
            let checks = sight.checks.sorted { $0.key < $1.key }.map { name, isFailing in
                "\(name) " + (isFailing.map { $0 ? "fails" : "succeeds" } ?? "has no result yet")
            }
            return (servers.isEmpty ? [] : ["\(node.id) sees " + servers.joined(separator: ", ")])
                + (checks.isEmpty ? [] : ["\(node.id) checks: " + checks.joined(separator: ", ")])
        }
        return addresses + nodes
    }
}
