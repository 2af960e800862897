import Checks
import Facts
import Remote

/// The two tables of `backends` for people.
enum BackendsTables {
    /// A row for each server, and a column for each balancer.
    static func beside(
        _ backends: [BackendsDocument.Backend], _ balancers: [BackendsDocument.Balancer]
    ) -> Table {
        Table(
            columns: ["backend", "server"]
                + balancers.map { $0.node + ($0.owner == true ? " (owner)" : "") },
            rows: backends.flatMap { backend in
                backend.servers.map { server in
                    let differs = server.seen.compactMap(\.weight).uniqued().count > 1
                    return [Table.Cell(backend.backend), Table.Cell(server.server, .strong)]
                        + server.seen.map { cell($0, showsWeight: differs) }
                }
            })
    }

    /// "UP 3 h, 12/40, L7OK/200", "DOWN 2 min, 0/12, L4CON Connection refused".
    private static func cell(_ sight: BackendsDocument.Sight, showsWeight: Bool) -> Table.Cell {
        guard sight.status != nil else { return Table.Cell(sight.statusWord, sight.tone) }
        var parts = [[sight.statusWord, sight.sinceWord].filter { $0 != "-" }.joined(separator: " ")]
        parts.append(sight.sessionsWord)
        if sight.checkWords != "-" { parts.append(sight.checkWords) }
        if let queue = sight.queueCurrent, queue > 0 { parts.append("queue \(queue)") }
        if let errors = sight.errors, errors > 0 { parts.append("\(errors.of("error"))") }
        if showsWeight || sight.weight == 0 { parts.append("weight \(sight.weight.map(String.init) ?? "?")") }
        return Table.Cell(parts.joined(separator: ", "), sight.tone)
    }

    /// A line for each server and balancer, with every figure.
    static func below(
        _ backend: BackendsDocument.Backend, _ balancers: [BackendsDocument.Balancer]
    ) -> Table {
        Table(
            columns: ["server", "by", "status", "since", "now/max", "queue", "err", "weight", "last check"],
            rows: backend.servers.flatMap { server in
                server.seen.enumerated().map { index, sight in
                    func cell(_ number: Int?) -> Table.Cell { Table.Cell(number.map(String.init) ?? "-") }
                    return [
                        Table.Cell(index == 0 ? server.server : "", .strong), Table.Cell(sight.node),
                        Table.Cell(sight.statusWord, sight.tone), Table.Cell(sight.sinceWord),
                        Table.Cell(sight.sessionsWord), cell(sight.queueCurrent), cell(sight.errors),
                        cell(sight.weight), Table.Cell(sight.checkWords),
                    ]
                }
            })
    }
}

extension BackendsDocument.Sight {
    fileprivate var statusWord: String { status ?? (known == false ? "absent" : "unknown") }

    fileprivate var tone: Style.Tone? {
        guard let state = state.flatMap({ HAProxyHealth.ServerState(rawValue: $0) }) else { return .warning }
        return switch state {
        case .up, .unchecked: nil
        case .down: .bad
        case .maintenance, .drain, .stopping, .unknown: .warning
        }
    }

    fileprivate var sinceWord: String { statusSeconds.map { Duration.seconds($0).roughly } ?? "-" }

    /// "12/40"; with its limit where there is one: "12/40 of 100".
    fileprivate var sessionsWord: String {
        guard let sessionsCurrent else { return "-" }
        let limit = sessionsLimit.map { " of \($0)" } ?? ""
        return "\(sessionsCurrent)/\(sessionsMax.map(String.init) ?? "?")\(limit)"
    }

    fileprivate var errors: Int? {
        guard connectionErrorsTotal != nil || responseErrorsTotal != nil else { return nil }
        return (connectionErrorsTotal ?? 0) + (responseErrorsTotal ?? 0)
    }

    /// "L7OK/200", "L4CON Connection refused", and what an agent says.
    fileprivate var checkWords: String {
        let message = takesSessions ? nil : checkMessage
        let parts = [check, message].compactMap(\.self).joined(separator: " ")
        let told = agent.map { "agent \($0)" }
        let words = [parts.isEmpty ? nil : parts, told].compactMap(\.self).joined(separator: "; ")
        return words.isEmpty ? "-" : words
    }
}
