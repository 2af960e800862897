import Checks
import Facts
import Inventory
import Remote
import Survey

/// Every server as every balancer sees it. Its figures have the names and units that they would have as metrics; `null` is
/// what is not known.
struct BackendsDocument: OutputDocument, Codable {
    struct ClusterEntry: Codable, Sendable {
        var cluster: String
        var balancers: [Balancer]
        var backends: [Backend]
    }

    struct Balancer: Codable, Sendable {
        var node: String
        var reachable: Bool
        /// Whether it said what it sees.
        var answered: Bool
        /// Whether it owns a virtual address.
        var owner: Bool?
        var haproxyRunning: Bool?
        var haproxyVersion: String?
        var processes: [Process]
        var oldWorkers: [OldWorker]
    }

    struct Process: Codable, Sendable {
        var pid: Int?
        var uptimeSeconds: Int?
        var connectionsCurrent: Int?
        var connectionsLimit: Int?
        var peers: [Peer]
        var stickTables: [StickTable]
    }

    struct OldWorker: Codable, Sendable {
        var pid: Int
        var drainingSeconds: Int
        var connectionsCurrent: Int?
    }

    struct Peer: Codable, Sendable {
        var section: String
        var peer: String
        var address: String
        var connected: Bool
        var status: String
    }

    struct StickTable: Codable, Sendable {
        var table: String
        var entriesUsed: Int
        var entriesLimit: Int
    }

    struct Backend: Codable, Sendable {
        var backend: String
        /// The backend as a whole.
        var seen: [Sight]
        var servers: [Server]
    }

    struct Server: Codable, Sendable {
        var server: String
        var seen: [Sight]
    }

    /// What one balancer says.
    struct Sight: Codable, Sendable {
        var node: String
        /// Whether it knows the server; `null` where it did not say.
        var known: Bool?
        @WordIfKnown<HAProxyHealth.ServerState> var state: String?
        /// As haproxy writes it: "UP 1/3", "MAINT (via web/web1)".
        var status: String?
        /// For how long it has been so.
        var statusSeconds: Int?
        var check: String?
        var checkMessage: String?
        var checkDurationMilliseconds: Int?
        var agent: String?
        var agentMessage: String?
        var sessionsCurrent: Int?
        var sessionsMax: Int?
        var sessionsLimit: Int?
        var sessionsTotal: Int?
        var queueCurrent: Int?
        var queueMax: Int?
        var queueLimit: Int?
        var connectionErrorsTotal: Int?
        var responseErrorsTotal: Int?
        var retriesTotal: Int?
        var redispatchesTotal: Int?
        var weight: Int?
        var backup: Bool?

        init(_ node: String, known: Bool?, _ row: HAProxyHealth.Row?) {
            self.node = node
            self.known = known
            state = row?.state.rawValue
            status = row?.status
            statusSeconds = row?.changedSeconds
            check = row.flatMap { $0.check.isEmpty ? nil : $0.check }
            checkMessage = row?.checkMessage
            checkDurationMilliseconds = row?.checkMilliseconds
            agent = row?.agent
            agentMessage = row?.agentMessage
            sessionsCurrent = row?.sessions
            sessionsMax = row?.sessionsMax
            // What a backend has there limits nothing.
            sessionsLimit = row?.kind == .backend ? nil : row?.sessionsLimit
            sessionsTotal = row?.sessionsTotal
            queueCurrent = row?.queue
            queueMax = row?.queueMax
            queueLimit = row?.queueLimit
            connectionErrorsTotal = row?.connectionErrors
            responseErrorsTotal = row?.responseErrors
            retriesTotal = row?.retries
            redispatchesTotal = row?.redispatches
            weight = row?.weight
            backup = row?.isBackup
        }
    }

    var clusters: [ClusterEntry]
    var findings: [FindingsDocument.Entry]
    var unreachable: [String]

    var table: Table {
        Table(
            columns: [
                "cluster", "backend", "server", "balancer", "status", "seconds", "check", "message",
                "check_ms", "sessions", "sessions_max", "sessions_limit", "queue", "connection_errors",
                "response_errors", "retries", "redispatches", "weight", "agent",
            ],
            rows: clusters.flatMap { cluster in
                cluster.backends.flatMap { backend in
                    backend.servers.flatMap { server in
                        server.seen.map { sight in
                            [cluster.cluster, backend.backend, server.server, sight.node].map {
                                Table.Cell($0)
                            }
                                + sight.cells
                        }
                    }
                }
            })
    }
}

extension BackendsDocument.Sight {
    /// For programs.
    fileprivate var cells: [Table.Cell] {
        func cell(_ number: Int?) -> String { number.map(String.init) ?? "-" }
        let unknown = known == false ? "absent" : "unknown"
        return [
            status ?? unknown, cell(statusSeconds), check ?? "-", checkMessage ?? "-",
            cell(checkDurationMilliseconds), cell(sessionsCurrent), cell(sessionsMax), cell(sessionsLimit),
            cell(queueCurrent), cell(connectionErrorsTotal), cell(responseErrorsTotal), cell(retriesTotal),
            cell(redispatchesTotal), cell(weight), agent ?? "-",
        ].map { Table.Cell($0) }
    }
}

extension BackendsDocument.ClusterEntry {
    /// - `wanted`: the servers to show; `nil` means all.
    init(_ outcome: BackendsSurvey.Outcome, wanted: BackendPattern?) {
        let told = outcome.balancers.map { balancer in
            (
                balancer: balancer,
                rows: Dictionary(grouping: balancer.health?.rows ?? [], by: \.proxy).mapValues { rows in
                    Dictionary(rows.map { ($0.server, $0) }) { first, _ in first }
                }
            )
        }
        func sights(_ backend: String, _ server: String) -> [BackendsDocument.Sight] {
            told.map { balancer, rows in
                let row = rows[backend]?[server]
                return .init(balancer.node.name, known: balancer.hasAnswered ? row != nil : nil, row)
            }
        }
        // Each in the order in which the first balancer that knows it lists it.
        let rows = outcome.balancers.flatMap { $0.health?.rows ?? [] }
        let servers = Dictionary(grouping: rows.filter { $0.kind == .server }, by: \.proxy)
        let backends = rows.filter { $0.kind == .backend }.map(\.proxy).uniqued().map { name in
            BackendsDocument.Backend(
                backend: name, seen: sights(name, "BACKEND"),
                servers: (servers[name] ?? []).map(\.server).uniqued()
                    .filter { wanted?.includes($0, of: name) ?? true }
                    .map { .init(server: $0, seen: sights(name, $0)) })
        }
        self.init(
            cluster: outcome.cluster.name, balancers: outcome.balancers.map(BackendsDocument.Balancer.init),
            backends: backends.filter { !$0.servers.isEmpty })
    }
}

extension BackendsDocument.Balancer {
    init(_ balancer: BackendsSurvey.Balancer) {
        let processes = balancer.health?.processes ?? []
        self.init(
            node: balancer.node.name, reachable: balancer.facts != nil, answered: balancer.hasAnswered,
            owner: balancer.isOwner, haproxyRunning: balancer.isRunning,
            haproxyVersion: processes.first?.version,
            processes: processes.map { process in
                .init(
                    pid: process.pid, uptimeSeconds: process.uptimeSeconds,
                    connectionsCurrent: process.connections, connectionsLimit: process.connectionsLimit,
                    peers: process.peers.map {
                        .init(
                            section: $0.section, peer: $0.name, address: $0.address,
                            connected: $0.isConnected, status: $0.status)
                    },
                    stickTables: process.tables.map {
                        .init(table: $0.name, entriesUsed: $0.used, entriesLimit: $0.size)
                    })
            },
            oldWorkers: (balancer.health?.oldWorkers ?? []).map {
                .init(
                    pid: $0.pid, drainingSeconds: $0.drainingSeconds, connectionsCurrent: $0.connections)
            })
    }
}
