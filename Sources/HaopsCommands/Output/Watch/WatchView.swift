import Checks
import Events
import Inventory
import Survey

/// What a person looks at: which clusters, how far down, and in which detail. Pure: keys in, a screen out.
struct WatchView: Sendable {
    private(set) var width = 80
    private(set) var height = 24
    /// The cluster that the cursor is on.
    private(set) var chosen: String?
    /// The cluster that fills the screen.
    private(set) var detail: String?
    private(set) var filter = ""
    private(set) var isTyping = false
    private(set) var isHelp = false
    /// The newest last.
    private(set) var events: [WatchEvent] = []
    private(set) var complaint: String?

    private static let mostEvents = 1000

    mutating func add(_ more: [WatchEvent]) {
        events += more
        if events.count > Self.mostEvents * 2 { events.removeFirst(events.count - Self.mostEvents) }
    }

    mutating func complain(_ text: String) { complaint = text }

    mutating func resize(width: Int, height: Int) { (self.width, self.height) = (width, height) }

    // MARK: - Keys

    mutating func react(to key: Key, _ model: WatchModel, at now: UTCTime) -> WatchWish {
        complaint = nil
        if isHelp {
            isHelp = false
            return key == .character("q") ? .quit : .nothing
        }
        if isTyping {
            type(key)
            return .nothing
        }
        let names = WatchRows(model: model, now: now, filter: filter).clusters.map(\.cluster.name)
        switch key {
        case .character("q"): return .quit
        case .character("?"): isHelp = true
        case .character("/"): (isTyping, detail) = (true, nil)
        case .character("r"): return .look(detail.map { [$0] } ?? chosen.map { [$0] } ?? names)
        case .character("R"): return .look(names)
        case .enter: if detail == nil { detail = chosen ?? names.first } else { detail = nil }
        case .escape, .backspace: if detail != nil { detail = nil } else { filter = "" }
        case .up, .character("k"): move(by: -1, among: names)
        case .down, .character("j"): move(by: 1, among: names)
        case .pageUp: move(by: -10, among: names)
        case .pageDown: move(by: 10, among: names)
        case .home, .character("g"): move(by: -names.count, among: names)
        case .end, .character("G"): move(by: names.count, among: names)
        case .tab, .character: break
        }
        return .nothing
    }

    private mutating func type(_ key: Key) {
        switch key {
        case .enter: isTyping = false
        case .escape: (isTyping, filter) = (false, "")
        case .backspace: if filter.isEmpty { isTyping = false } else { filter.removeLast() }
        case .character(let character): if filter.count < 60 { filter.append(character) }
        default: break
        }
    }

    /// In the detail the next cluster takes the place of this one.
    private mutating func move(by steps: Int, among names: [String]) {
        guard !names.isEmpty else { return }
        let place = (detail ?? chosen).flatMap { names.firstIndex(of: $0) }
        let next = place.map { min(max(0, $0 + steps), names.count - 1) } ?? (steps > 0 ? 0 : names.count - 1)
        chosen = names[next]
        if detail != nil { detail = chosen }
    }

    // MARK: - Screens

    func screen(_ model: WatchModel, at now: UTCTime) -> Screen {
        var screen = Screen(width: width, height: height)
        head(model, now, &screen)
        foot(&screen)
        let rows = WatchRows(model: model, now: now, filter: filter)
        if isHelp {
            help(&screen)
        } else if let detail, let state = model.clusters.first(where: { $0.cluster.name == detail }) {
            show(state, rows, &screen)
        } else {
            overview(rows, &screen)
        }
        return screen
    }

    private func head(_ model: WatchModel, _ now: UTCTime, _ screen: inout Screen) {
        var counts: [VIPOwnership.Verdict: Int] = [:]
        for ownership in model.ownerships { counts[ownership.verdict, default: 0] += 1 }
        let silent = model.nodes.values.count { $0.silence != nil }
        let time = String(now.clock.prefix(8)) + " UTC"
        // What is wrong comes first: a narrow window cuts the end.
        let verdicts = VIPOwnership.Verdict.allCases.filter { $0 != .owned } + [.owned]
        let words =
            ((silent == 0 ? [] : ["\(silent.of("node")) silent"])
            + verdicts.compactMap { verdict in counts[verdict].map { "\($0) \(verdict.rawValue)" } })
            .joined(separator: ", ")
        let size = "\(model.clusters.count.of("cluster")), \(model.nodes.count.of("node"))"
        let head = "haops watch: \(words.isEmpty ? "no address is known" : words) (\(size))"
        screen.write(head, row: 0, limit: max(1, width - time.count - 2), tone: .strong)
        screen.write(time, row: 0, column: width - time.count, tone: .faint)
    }

    private func foot(_ screen: inout Screen) {
        let row = height - 1
        if let complaint {
            screen.write(complaint, row: row, tone: .warning)
        } else if isTyping {
            screen.write("/\(filter)_", row: row, tone: .strong)
        } else {
            let shown = filter.isEmpty ? "" : "only /\(filter)   "
            let keys =
                detail == nil
                ? "q quit   enter detail   / filter   r look again   ? keys"
                : "q quit   esc back   j k other clusters   r look again   ? keys"
            let column = screen.write(shown, row: row, tone: .warning)
            screen.write(keys, row: row, column: column, tone: .faint)
        }
    }

    private func help(_ screen: inout Screen) {
        let lines = [
            ("q, Ctrl-C", "quit"),
            ("j k, arrows, pages, g G", "choose a cluster"),
            ("enter", "the chosen cluster in detail, and back"),
            ("esc", "back; or all clusters again"),
            ("/ TEXT enter", "only clusters with this text somewhere"),
            ("r", "look at the chosen cluster again:"),
            ("", "no stream tells whether addresses answer"),
            ("R", "look again at all that are shown"),
            ("Ctrl-Z", "stop; `fg` goes on"),
            ("any key", "back"),
        ]
        for (index, line) in lines.enumerated() {
            screen.write(line.0, row: 2 + index, column: 2, tone: .strong)
            screen.write(line.1, row: 2 + index, column: min(30, width / 2))
        }
    }
}
