extension HAProxyHealth {
    /// A row of `show stat`. `nil` is what this release does not print, or what does not apply to the row.
    package struct Row: Hashable, Sendable {
        package enum Kind: Int, Hashable, Sendable { case frontend, backend, server, listener }

        package var proxy: String
        /// `FRONTEND`, `BACKEND`, or a server's name.
        package var server: String
        /// `UP`, `DOWN`, `MAINT`, `no check`…
        package var status: String
        /// The result of a server's last check: `L4CON`, `L7STS/503`.
        package var check: String
        package var kind: Kind
        /// For how many seconds the status has been as it is.
        package var changedSeconds: Int?
        package var checkMilliseconds: Int?
        /// What the last check says in words: `Connection refused`.
        package var checkMessage: String?
        /// The result of the last answer of a server's agent: `L7OK`.
        package var agent: String?
        package var agentMessage: String?
        package var sessions: Int?
        package var sessionsMax: Int?
        /// Its `maxconn`. The row of a backend has its `fullconn` here, which limits nothing.
        package var sessionsLimit: Int?
        package var sessionsTotal: Int?
        package var queue: Int?
        package var queueMax: Int?
        package var queueLimit: Int?
        package var connectionErrors: Int?
        package var responseErrors: Int?
        package var retries: Int?
        package var redispatches: Int?
        /// The weight in force, which `set weight` and agents change.
        package var weight: Int?
        package var isBackup: Bool?

        package init(proxy: String, server: String, status: String, check: String = "") {
            self.proxy = proxy
            self.server = server
            self.status = status
            self.check = check
            kind =
                switch server {
                case "FRONTEND": .frontend
                case "BACKEND": .backend
                default: .server
                }
        }

        package var state: ServerState { ServerState(status) }
    }

    /// What a status of `show stat` means for new sessions.
    package enum ServerState: String, Hashable, Sendable, CaseIterable {
        case up, down, maintenance, drain
        /// Up, and about to go down: only persistent sessions are accepted.
        case stopping
        /// Without a check it counts as up, whatever it does.
        case unchecked
        case unknown

        /// `UP 1/3`, `MAINT (via web/web1)`, `DRAIN (agent)`…
        package init(_ status: String) {
            let word = status.prefix { $0 != " " }
            self =
                switch word {
                case "UP": .up
                case "DOWN": .down
                case "MAINT": .maintenance
                case "DRAIN": .drain
                case "NOLB": .stopping
                default: status == "no check" ? .unchecked : .unknown
                }
        }

        package var takesSessions: Bool { self == .up || self == .unchecked }
    }
}

/// Reads the lines of `show stat` by the names in its header, whose number and order differ between releases.
struct HAProxyStatisticsReader {
    /// The first word of the header.
    static let header = "# pxname"
    /// No haproxy has more rows; what follows is not read.
    private static let mostRows = 20_000
    /// A counter above is not one.
    private static let largest = 100_000_000_000_000
    /// Characters of a text that a check has brought from a server.
    private static let longest = 200

    private var columns: [String: Int] = [:]
    private var width = 0
    private(set) var rows: [HAProxyHealth.Row] = []

    /// - `header`: the line that begins with ``header``.
    init(header: Substring) {
        let names = Self.cells(header.dropFirst(2))
        width = names.count
        for (index, name) in names.enumerated() where columns[String(name)] == nil {
            columns[String(name)] = index
        }
    }

    mutating func read(_ line: Substring) {
        guard rows.count < Self.mostRows else { return }
        let cells = Self.cells(line)
        // Half a row is the end of an answer that was cut. A row may lack the empty cell behind the last comma.
        guard cells.count + 1 >= width else { return }
        func text(_ name: String) -> String? {
            guard let index = columns[name], cells.indices.contains(index), !cells[index].isEmpty else {
                return nil
            }
            return String(cells[index].prefix(Self.longest))
        }
        func number(_ name: String) -> Int? {
            text(name).flatMap { Int($0) }.flatMap { (0...Self.largest).contains($0) ? $0 : nil }
        }
        // "* L4OK": another check is under way.
        func result(_ name: String, _ code: String) -> String? {
            guard let status = text(name) else { return nil }
            let word = status.hasPrefix("* ") ? String(status.dropFirst(2)) : status
            return word + (number(code).map { "/\($0)" } ?? "")
        }
        guard let proxy = text("pxname"), let server = text("svname") else { return }
        var row = HAProxyHealth.Row(
            proxy: proxy, server: server, status: text("status") ?? "",
            check: result("check_status", "check_code") ?? "")
        if let kind = number("type").flatMap({ HAProxyHealth.Row.Kind(rawValue: $0) }) { row.kind = kind }
        row.changedSeconds = number("lastchg")
        row.checkMilliseconds = number("check_duration")
        row.checkMessage = text("last_chk") ?? text("check_desc")
        row.agent = result("agent_status", "agent_code")
        row.agentMessage = text("last_agt") ?? text("agent_desc")
        row.sessions = number("scur")
        row.sessionsMax = number("smax")
        row.sessionsLimit = number("slim").flatMap { $0 > 0 ? $0 : nil }
        row.sessionsTotal = number("stot")
        row.queue = number("qcur")
        row.queueMax = number("qmax")
        row.queueLimit = number("qlimit").flatMap { $0 > 0 ? $0 : nil }
        row.connectionErrors = number("econ")
        row.responseErrors = number("eresp")
        row.retries = number("wretr")
        row.redispatches = number("wredis")
        row.weight = number("weight")
        row.isBackup = number("bck").map { $0 > 0 }
        rows.append(row)
    }

    /// The cells of a line. A cell with a comma or a quotation mark in it stands in quotation marks, which are doubled inside.
    static func cells(_ line: Substring) -> [Substring] {
        guard line.utf8.contains(UInt8(ascii: "\"")) else {
            return line.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false).map {
                Substring($0)
            }
        }
        var cells: [Substring] = []
        var cell: [UInt8] = []
        var isQuoted = false
        var bytes = line.utf8.makeIterator()
        var next = bytes.next()
        while let byte = next {
            next = bytes.next()
            switch byte {
            case UInt8(ascii: "\"") where isQuoted && next == UInt8(ascii: "\""):
                cell.append(byte)
                next = bytes.next()
            case UInt8(ascii: "\"") where isQuoted || cell.isEmpty: isQuoted.toggle()
            case UInt8(ascii: ",") where !isQuoted:
                cells.append(Substring(decoding: cell, as: UTF8.self))
                cell = []
            default: cell.append(byte)
            }
        }
        return cells + [Substring(decoding: cell, as: UTF8.self)]
    }
}

extension [HAProxyHealth.Row] {
    /// The rows of several processes of one haproxy (`nbproc`, until 2.4) as one: sums, and the worst status that one of them
    /// sees.
    static func merged(_ processes: [[HAProxyHealth.Row]]) -> [HAProxyHealth.Row] {
        guard processes.count > 1 else { return processes.first ?? [] }
        var merged: [HAProxyHealth.Row] = []
        var places: [String: Int] = [:]
        for row in processes.joined() {
            let name = "\(row.proxy)/\(row.server)"
            if let known = places[name] {
                merged[known].add(row)
            } else {
                places[name] = merged.count
                merged.append(row)
            }
        }
        return merged
    }
}

extension HAProxyHealth.Row {
    fileprivate mutating func add(_ other: HAProxyHealth.Row) {
        func sum(_ key: WritableKeyPath<Self, Int?>) {
            if let more = other[keyPath: key] { self[keyPath: key] = (self[keyPath: key] ?? 0) + more }
        }
        let isWorse =
            kind == .server
            ? state.takesSessions && !other.state.takesSessions : status != "DOWN" && other.status == "DOWN"
        if isWorse {
            (status, check, changedSeconds) = (other.status, other.check, other.changedSeconds)
            (checkMilliseconds, checkMessage) = (other.checkMilliseconds, other.checkMessage)
            (agent, agentMessage) = (other.agent, other.agentMessage)
        }
        for key: WritableKeyPath<Self, Int?> in [
            \.sessions, \.sessionsMax, \.sessionsLimit, \.sessionsTotal, \.queue, \.queueMax, \.queueLimit,
            \.connectionErrors, \.responseErrors, \.retries, \.redispatches,
        ] {
            sum(key)
        }
    }
}
