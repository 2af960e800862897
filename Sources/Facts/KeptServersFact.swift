import Inventory

/// A server that haops keeps out of service, or at another weight, on a node: through reloads and restarts of haproxy and of the
/// node. It is one line of a file there.
package struct KeptServer: Hashable, Sendable {
    /// The states of haproxy's `set server … state` that are kept.
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// No new sessions, except those that stick to it; its checks go on.
        case drain
        /// No sessions, and no checks.
        case maint

        /// "drained", "in maintenance".
        package var words: String {
            switch self {
            case .drain: "drained"
            case .maint: "in maintenance"
            }
        }
    }

    package var name: ServerName
    package var state: State?
    package var weight: ServerWeight?
    /// `name@host`.
    package var who: String
    /// In UTC, in ISO 8601 format.
    package var since: String
    /// When it is to end, in the same format; `nil` where somebody ends it.
    package var until: String?
    package var reason: String

    package init(
        name: ServerName, state: State? = nil, weight: ServerWeight? = nil, who: String, since: String,
        until: String? = nil, reason: String = ""
    ) {
        self.name = name
        self.state = state
        self.weight = weight
        self.who = who
        self.since = since
        self.until = until
        self.reason = reason
    }

    /// Whether haproxy is told anything else than what its file says.
    package var isKept: Bool { state != nil || weight != nil }

    /// Whether two lines keep the same, whoever wrote them.
    package func keepsTheSame(as other: KeptServer) -> Bool {
        name == other.name && state == other.state && weight == other.weight
    }

    /// "drained", "at weight 50%", "drained, at weight 50%".
    package var words: String {
        [state?.words, weight.map { "at weight \($0)" }].compactMap(\.self).joined(separator: ", ")
    }
}

extension KeptServer {
    /// The line of the file: BACKEND SERVER STATE WEIGHT WHO SINCE UNTIL REASON, separated by tabs; `-` stands for none.
    package var line: String {
        func field(_ text: String) -> String {
            let words = text.unicodeScalars.map { $0.value < 32 || $0.value == 127 ? " " : Character($0) }
            let field = String(words)
            return field.isEmpty ? "-" : field
        }
        return [
            name.backend, name.server, state?.rawValue ?? "-", weight?.description ?? "-", field(who),
            field(since), field(until ?? ""), field(reason),
        ].joined(separator: "\t")
    }

    /// Parses a line; `nil` for one that keeps nothing, or is none.
    package init?(line: some StringProtocol) {
        let fields = line.split(separator: "\t", maxSplits: 7, omittingEmptySubsequences: false).map {
            String($0.prefix(500))
        }
        guard fields.count == 8, let name = ServerName(backend: fields[0], server: fields[1]) else {
            return nil
        }
        func text(_ index: Int) -> String { fields[index] == "-" ? "" : fields[index] }
        self.init(
            name: name, state: State(rawValue: fields[2]), weight: ServerWeight(fields[3]), who: text(4),
            since: text(5), until: text(6).isEmpty ? nil : text(6), reason: text(7))
        guard isKept else { return nil }
    }

    /// The whole file; empty where nothing is kept.
    package static func file(_ servers: [KeptServer]) -> String {
        guard !servers.isEmpty else { return "" }
        let lines = servers.sorted { $0.name < $1.name }.map(\.line)
        return
            ([
                "# By haops, which sets this again after haproxy was reloaded: haops enable BACKEND/SERVER ends it."
            ]
            + lines).joined(separator: "\n")
    }
}

/// Reads which servers haops keeps out of service on a machine. It is cheap enough for every question.
package struct KeptServersFact: Fact {
    package static let name = "kept-servers"

    package init() {}

    package let script = """
        f=\(NodePaths.keptServers)
        [ ! -f $f ] || head -c 262144 $f
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> [KeptServer] {
        output.lines.compactMap { KeptServer(line: $0) }
    }
}
