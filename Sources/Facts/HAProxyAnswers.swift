/// Reads what the sockets of haproxy answer, in the order of the questions: `show info`, `show stat`, `show peers` and
/// `show table`, and this again for each further process. What another release answers is told apart by its first words, and
/// what is none of these is skipped.
struct HAProxyAnswers {
    private enum Place { case nothing, info, statistics, peers }

    /// Parts of an answer beyond these are not read.
    private static let most = 1000
    private static let mostProcesses = 64

    private var place = Place.nothing
    private var process = HAProxyProcess()
    private var isStopping = false
    private var statistics: HAProxyStatisticsReader?
    private var section = ""
    private var isOpen = false
    private(set) var found: [(process: HAProxyProcess, rows: [HAProxyHealth.Row])] = []

    mutating func read(_ line: Substring) {
        if line.hasPrefix("Name: ") {
            end()
            isOpen = true
            place = .info
        } else if line.hasPrefix(HAProxyStatisticsReader.header) {
            isOpen = true
            statistics = HAProxyStatisticsReader(header: line)
            place = .statistics
        } else if line.hasPrefix("# table: ") {
            place = .nothing
            readTable(line.dropFirst(9))
        } else if line.hasPrefix("0x"), line.contains(": ["), let name = Self.value("id", in: line) {
            section = name
            place = .peers
        } else {
            switch place {
            case .nothing: break
            case .info: readInfo(line)
            case .statistics:
                if line.isEmpty { place = .nothing } else { statistics?.read(line) }
            case .peers: readPeer(line)
            }
        }
    }

    /// Ends the answer of a process.
    mutating func end() {
        defer { (process, statistics, isStopping, isOpen) = (HAProxyProcess(), nil, false, false) }
        place = .nothing
        // One that drains may still have the socket. Several sockets may be of one process.
        guard isOpen, !isStopping, found.count < Self.mostProcesses,
            process.pid == nil || !found.contains(where: { $0.process.pid == process.pid })
        else { return }
        found.append((process, statistics?.rows ?? []))
    }

    private mutating func readInfo(_ line: Substring) {
        guard let colon = line.firstRange(of: ": ") else {
            if line.isEmpty { place = .nothing }
            return
        }
        let value = line[colon.upperBound...]
        switch line[..<colon.lowerBound] {
        case "Version": process.version = String(value.prefix(100))
        case "Pid": process.pid = Self.count(value)
        case "Uptime_sec": process.uptimeSeconds = Self.count(value)
        case "CurrConns": process.connections = Self.count(value)
        case "Maxconn": process.connectionsLimit = Self.count(value).flatMap { $0 > 0 ? $0 : nil }
        case "Stopping": isStopping = value != "0"
        default: break
        }
    }

    /// `web, type: ip, size:100, used:1`
    private mutating func readTable(_ words: Substring) {
        let parts = words.split(separator: ", ")
        func number(_ name: String) -> Int? {
            parts.first { $0.hasPrefix(name) }.flatMap { Self.count($0.dropFirst(name.count)) }
        }
        guard let name = parts.first, let size = number("size:"), let used = number("used:"),
            process.tables.count < Self.most
        else { return }
        process.tables.append(HAProxyProcess.Table(name: String(name.prefix(200)), size: size, used: used))
    }

    /// `  0x55ff0dadd0f0: id=lb2(remote,active) addr=127.0.0.1:21025 last_status=ESTA last_hdshk=1s`
    ///
    /// Until 2.0 `(remote)` and `status=ESTA`.
    private mutating func readPeer(_ line: Substring) {
        guard line.drop(while: { $0 == " " }).hasPrefix("0x"), let id = Self.value("id", in: line),
            let bracket = id.lastIndex(of: "("), id.hasSuffix(")"),
            let status = Self.value("last_status", in: line) ?? Self.value("status", in: line)
        else { return }
        let kinds = id[id.index(after: bracket)...].dropLast().split(separator: ",")
        guard kinds.first == "remote", process.peers.count < Self.most else { return }
        process.peers.append(
            HAProxyProcess.Peer(
                section: section, name: String(id[..<bracket]),
                address: Self.value("addr", in: line) ?? "",
                isConnected: status == "ESTA" && kinds.dropFirst().first != "inactive", status: status))
    }

    /// The value of the first word `NAME=VALUE`.
    private static func value(_ name: String, in line: Substring) -> String? {
        line.split(separator: " ").first { $0.hasPrefix(name + "=") }
            .map { String($0.dropFirst(name.utf8.count + 1).prefix(200)) }
    }

    private static func count(_ text: Substring) -> Int? {
        Int(text).flatMap { (0...100_000_000_000_000).contains($0) ? $0 : nil }
    }
}

/// Reads haproxy's processes, and tells the old ones from those that serve new connections.
struct HAProxyProcessList {
    private struct Entry {
        var pid: Int
        var parent: Int
        var age: Int
    }

    private static let most = 256

    private var entries: [Entry] = []
    /// The processes that one was started to replace, or that the master calls old.
    private var replaced: Set<Int> = []
    private var isAmongOld = false
    private var connections: [Int: Int] = [:]

    /// - `process`: `PID PARENT SECONDS`
    mutating func read(process words: Substring) {
        let numbers = words.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 3, numbers.allSatisfy({ $0 >= 0 }), entries.count < Self.most else { return }
        entries.append(Entry(pid: numbers[0], parent: numbers[1], age: numbers[2]))
    }

    /// - `replacing`: `PID OLD…`, from the `-sf` of a command line.
    mutating func read(replacing words: Substring) {
        let numbers = words.split(separator: " ").compactMap { Int($0) }
        guard let own = numbers.first, replaced.count < Self.most else { return }
        replaced.formUnion(numbers.dropFirst().filter { $0 != own }.prefix(Self.most))
    }

    /// - `master`: a line of `show proc`.
    mutating func read(master line: Substring) {
        if line.hasPrefix("#") {
            isAmongOld = line == "# old workers"
            return
        }
        let words = line.split(separator: " ")
        guard isAmongOld, words.count > 1, words[1] == "worker", let pid = Int(words[0]),
            replaced.count < Self.most
        else { return }
        replaced.insert(pid)
    }

    /// - `connections`: `PID COUNT`
    mutating func read(connections words: Substring) {
        let numbers = words.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2, numbers[1] >= 0, connections.count < Self.most else { return }
        connections[numbers[0]] = numbers[1]
    }

    /// The processes that were replaced and still run, the oldest first.
    var old: [HAProxyOldWorker] {
        entries.filter { replaced.contains($0.pid) }.sorted { $0.age > $1.age }.map { entry in
            // The process that came next, which the reload has started.
            let younger = entries.filter { other in
                other.pid != entry.pid && other.pid != entry.parent && other.age <= entry.age
            }
            return HAProxyOldWorker(
                pid: entry.pid, drainingSeconds: younger.map(\.age).max() ?? 0,
                connections: connections[entry.pid])
        }
    }
}
