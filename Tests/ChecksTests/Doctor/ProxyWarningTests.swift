import Facts
import Testing

@testable import Checks

/// What haproxy runs out of, by what it says of itself.
@Suite struct ProxyWarningTests {
    private static func row(_ server: String, _ change: (inout HAProxyHealth.Row) -> Void)
        -> HAProxyHealth.Row
    {
        var row = HAProxyHealth.Row(proxy: "web", server: server, status: "UP")
        change(&row)
        return row
    }

    private static func process(_ change: (inout HAProxyProcess) -> Void) -> HAProxyHealth {
        var process = HAProxyProcess(pid: 7)
        process.uptimeSeconds = 60
        change(&process)
        var health = HAProxyHealth()
        health.processes = [process]
        return health
    }

    private func ids(_ health: HAProxyHealth, since earlier: HAProxyHealth? = nil) -> [DoctorID] {
        ProxyWarning.all(in: health, since: earlier).map(\.id)
    }

    @Test func `limits are reached by haproxy, frontends and servers, and not by backends`() {
        let full = Self.process { ($0.connections, $0.connectionsLimit) = (100, 100) }
        #expect(
            ProxyWarning.all(in: full).map(\.words) == [
                "haproxy has all the connections that its `maxconn` allows: 100 of 100"
            ])
        #expect(ids(Self.process { ($0.connections, $0.connectionsLimit) = (99, 100) }).isEmpty)
        #expect(ids(Self.process { $0.connections = 100 }).isEmpty)
        let rows = ["FRONTEND", "web1", "BACKEND"].map {
            Self.row($0) { ($0.sessions, $0.sessionsLimit) = (2, 2) }
        }
        #expect(
            ProxyWarning.all(in: HAProxyHealth(rows: rows)).map(\.words) == [
                "frontend `web` has all the sessions that its `maxconn` allows: 2 of 2",
                "server `web1` of backend `web` has all the sessions that its `maxconn` allows: 2 of 2",
            ])
    }

    @Test(arguments: [
        (8, 10, false), (9, 10, true), (94, 105, false), (95, 105, true), (0, 0, false), (1, 1, true),
    ])
    func `a table is nearly full from nine tenths on`(used: Int, size: Int, isFull: Bool) {
        let health = Self.process { $0.tables = [.init(name: "t", size: size, used: used)] }
        #expect(ids(health) == (isFull ? [.stickTableFull] : []))
    }

    @Test func `a peer is apart when it is so in both looks, and haproxy has had the time to find it`() {
        func peer(_ isConnected: Bool, uptime: Int = 60) -> HAProxyHealth {
            Self.process {
                $0.uptimeSeconds = uptime
                $0.peers = [
                    .init(
                        section: "duo", name: "lb2", address: "203.0.113.12:1024", isConnected: isConnected,
                        status: isConnected ? "ESTA" : "CONN")
                ]
            }
        }
        #expect(ids(peer(false)) == [.peersApart] && ids(peer(true)).isEmpty)
        #expect(
            ids(peer(false), since: peer(true)).isEmpty
                && ids(peer(false), since: peer(false)) == [.peersApart])
        #expect(ids(peer(false, uptime: 9)).isEmpty)
    }

    @Test func `an old worker is told half a minute after the reload`() {
        var health = HAProxyHealth()
        health.oldWorkers = [HAProxyOldWorker(pid: 7, drainingSeconds: 29, connections: 3)]
        #expect(ids(health).isEmpty)
        health.oldWorkers[0].drainingSeconds = 150
        #expect(
            ProxyWarning.all(in: health).map(\.words) == [
                "an old worker of haproxy still drains, 2 min after the reload, with 3 connections"
            ])
    }

    @Test(arguments: [
        (2, 0, 10, true), (1, 0, 10, false), (0, 1, 1000, true), (3, 0, 301, false), (3, 0, 300, true),
        (0, 0, 9, false),
    ])
    func `retries rise where they are many for the sessions`(
        retries: Int, redispatches: Int, sessions: Int, isTold: Bool
    ) {
        var health = HAProxyHealth(rows: [
            Self.row("web1") { ($0.retries, $0.redispatches, $0.sessionsTotal) = (100, 5, 4000) }
        ])
        health.later = [
            Self.row("web1") {
                ($0.retries, $0.redispatches, $0.sessionsTotal) = (
                    100 + retries, 5 + redispatches, 4000 + sessions
                )
            }
        ]
        #expect(ids(health) == (isTold ? [.backendRetries] : []))
        // Asked twice, the two answers count.
        var second = HAProxyHealth(rows: health.later)
        #expect(ids(second, since: health) == (isTold ? [.backendRetries] : []))
        // Another process counts anew.
        second.processes = [HAProxyProcess(pid: 9)]
        #expect(ids(second, since: health).isEmpty)
    }

    @Test func `a counter that was cleared has not grown`() {
        let before = HAProxyHealth(rows: [Self.row("web1") { $0.retries = 100 }])
        let after = HAProxyHealth(rows: [Self.row("web1") { $0.retries = 3 }])
        #expect(ids(after, since: before).isEmpty)
    }

    @Test(arguments: [(0, 5, false), (2, 2, false), (2, 1, false), (2, 3, true)])
    func `a queue grows where somebody waits in both looks, and more in the second`(
        first: Int, second: Int, isTold: Bool
    ) {
        var health = HAProxyHealth(rows: [Self.row("BACKEND") { $0.queue = first }])
        health.later = [Self.row("BACKEND") { $0.queue = second }]
        #expect(ids(health) == (isTold ? [.backendQueue] : []))
    }
}
