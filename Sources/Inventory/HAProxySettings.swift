/// What an inventory says about haproxy; the same on every node of a cluster.
package struct HAProxySettings: Sendable {
    package var frontends: [Frontend]
    package var backends: [Backend]
    /// Whether haops adds its own `global` and `defaults`, logging and check intervals. If not, only
    /// ``extraGlobal`` and ``extraDefaults`` are rendered.
    package var isShipped = true
    /// Raw sections of their own: `listen`, `userlist`, `resolvers`…
    package var extraSections: String?
    /// Raw lines for the `global` section.
    package var extraGlobal: String?
    /// Raw lines for the `defaults` section.
    package var extraDefaults: String?

    package init(
        frontends: [Frontend], backends: [Backend], extraGlobal: String? = nil, extraDefaults: String? = nil
    ) {
        self.frontends = frontends
        self.backends = backends
        self.extraGlobal = extraGlobal
        self.extraDefaults = extraDefaults
    }

    package enum Mode: String, Sendable, CaseIterable { case http, tcp }

    package struct Frontend: Sendable {
        package var name: String
        /// As haproxy writes them: `203.0.113.50:80`, `[2001:db8::50]:443 ssl crt …`, `*:8080`.
        package var binds: [String]
        package var mode: Mode
        package var backend: String
        package var extra: String?

        package init(name: String, binds: [String], mode: Mode, backend: String, extra: String? = nil) {
            self.name = name
            self.binds = binds
            self.mode = mode
            self.backend = backend
            self.extra = extra
        }
    }

    package struct Backend: Sendable {
        package enum Check: Hashable, Sendable {
            /// `GET path` answered with 2xx or 3xx.
            case http(path: String)
            /// The port accepts a connection.
            case tcp
            case none
        }

        package var name: String
        package var mode: Mode
        /// The value of haproxy's `balance`: `roundrobin`, `leastconn`, `source`…
        package var balance: String
        package var check: Check
        package var servers: [Server]
        package var extra: String?

        package init(
            name: String, mode: Mode, balance: String = "roundrobin", check: Check = .tcp, servers: [Server],
            extra: String? = nil
        ) {
            self.name = name
            self.mode = mode
            self.balance = balance
            self.check = check
            self.servers = servers
            self.extra = extra
        }
    }

    package struct Server: Hashable, Sendable {
        package var name: String
        /// `address:port`.
        package var endpoint: String
        /// Raw words after the address: `weight 10 backup`.
        package var options: String?

        package init(name: String, endpoint: String, options: String? = nil) {
            self.name = name
            self.endpoint = endpoint
            self.options = options
        }
    }
}
