/// What one process of haproxy says of itself: `show info`, `show peers`, `show table`.
package struct HAProxyProcess: Hashable, Sendable {
    package var pid: Int?
    package var version: String?
    package var uptimeSeconds: Int?
    package var connections: Int?
    /// Its `maxconn`.
    package var connectionsLimit: Int?
    /// The remote peers of its `peers` sections.
    package var peers: [Peer] = []
    package var tables: [Table] = []

    package struct Peer: Hashable, Sendable {
        /// The `peers` section.
        package var section: String
        package var name: String
        /// `203.0.113.12:1024`.
        package var address: String
        /// Whether a session with it is established.
        package var isConnected: Bool
        /// `ESTA`, `CONN`, `NAME`…
        package var status: String

        package init(section: String, name: String, address: String, isConnected: Bool, status: String) {
            self.section = section
            self.name = name
            self.address = address
            self.isConnected = isConnected
            self.status = status
        }
    }

    /// A stick table.
    package struct Table: Hashable, Sendable {
        package var name: String
        package var size: Int
        package var used: Int

        package init(name: String, size: Int, used: Int) {
            self.name = name
            self.size = size
            self.used = used
        }
    }

    package init(pid: Int? = nil) { self.pid = pid }
}

/// A process of haproxy that a reload has told to end, and that still serves its last connections.
package struct HAProxyOldWorker: Hashable, Sendable {
    package var pid: Int
    /// Seconds since the reload that replaced it.
    package var drainingSeconds: Int
    /// `nil` without the master's socket.
    package var connections: Int?

    package init(pid: Int, drainingSeconds: Int, connections: Int? = nil) {
        self.pid = pid
        self.drainingSeconds = drainingSeconds
        self.connections = connections
    }
}
