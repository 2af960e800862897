/// The servers of a machine's haproxy, as its runtime socket reports them, and what that socket allows.
package struct ServerStates: Hashable, Sendable {
    /// What the runtime socket allows: `admin` may change servers.
    package enum Level: String, Hashable, Sendable, CaseIterable {
        case admin
        case `operator`
        case user
        /// haproxy before 1.8 does not say.
        case unknown
    }

    /// The path of the socket; `nil` where none answers.
    package var socket: String?
    package var level = Level.unknown
    /// Whether the machine has a program that can talk to a socket.
    package var hasClient = true
    /// The number of processes that share the work, of which a socket reaches one; `nil` where haproxy does not say.
    package var processes: Int?
    package var servers: [ServerName: Server] = [:]

    package init() {}

    package struct Server: Hashable, Sendable {
        /// Whether it is up, or not checked.
        package var isUp: Bool
        /// The reasons for which an administrator keeps it out of service.
        package var flags: Flags
        /// In force now.
        package var weight: Int
        /// In haproxy.cfg.
        package var configuredWeight: Int

        package init(isUp: Bool, flags: Flags = [], weight: Int = 1, configuredWeight: Int = 1) {
            self.isUp = isUp
            self.flags = flags
            self.weight = weight
            self.configuredWeight = configuredWeight
        }

        /// Whether new sessions may go to it.
        package var isServing: Bool { isUp && flags.isDisjoint(with: .outOfService) && weight > 0 }
    }

    /// `srv_admin_state` (haproxy's management.txt, "show servers state").
    package struct Flags: OptionSet, Hashable, Sendable {
        package var rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }

        /// Maintenance by the socket, or by `disabled` in haproxy.cfg.
        package static let maintenance = Flags(rawValue: 0x01)
        package static let inheritedMaintenance = Flags(rawValue: 0x02)
        /// haproxy.cfg says `disabled`.
        package static let disabled = Flags(rawValue: 0x04)
        package static let drain = Flags(rawValue: 0x08)
        package static let inheritedDrain = Flags(rawValue: 0x10)
        package static let unresolved = Flags(rawValue: 0x20)
        package static let outOfService: Flags = [
            .maintenance, .inheritedMaintenance, .drain, .inheritedDrain, .unresolved,
        ]
    }
}

extension ServerStates.Server {
    /// The word of haproxy's `set server … state` that leads to its present state.
    package var state: String {
        flags.contains(.maintenance) ? "maint" : flags.contains(.drain) ? "drain" : "ready"
    }
}

/// Reads `show servers state` over the runtime socket that allows most.
package struct ServerStatesFact: Fact {
    package static let name = "server-states"

    package init() {}

    /// A socket that does not answer is given up after two seconds.
    package var duration: Int { 8 }

    package let script = #"""
        \#(HAProxySocket.adminFunctions)
        command -v socat >/dev/null || nc -h 2>&1 | grep -q -e '-U' || command -v perl >/dev/null || echo client=none
        admin_socket || exit 0
        echo "socket=$socket"
        echo "level=$level"
        query_socket "$socket" "show info;show servers state" | sed 's/^/said=/'
        true
        """#

    package func parse(_ output: SectionOutput) throws(FactError) -> ServerStates {
        var states = ServerStates()
        var columns: [Substring: Int] = [:]
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = line[line.index(after: equals)...]
            switch line[..<equals] {
            case "client": states.hasClient = false
            case "socket": states.socket = String(value)
            case "level": states.level = ServerStates.Level(rawValue: String(value)) ?? .unknown
            case "said" where value.hasPrefix("# "):
                columns = [:]
                for (index, name) in value.dropFirst(2).split(separator: " ").enumerated() {
                    columns[name] = index
                }
            case "said" where columns.isEmpty:
                if value.hasPrefix("Nbproc: ") { states.processes = Int(value.dropFirst(8)) }
            case "said": Self.read(value.split(separator: " "), columns, into: &states)
            default: break
            }
        }
        return states
    }

    private static func read(
        _ cells: [Substring], _ columns: [Substring: Int], into states: inout ServerStates
    ) {
        func cell(_ name: Substring) -> Substring? {
            columns[name].flatMap { cells.indices.contains($0) ? cells[$0] : nil }
        }
        guard let backend = cell("be_name"), let server = cell("srv_name"),
            let name = ServerName(backend: backend, server: server),
            let operational = cell("srv_op_state").flatMap({ Int($0) }),
            let admin = cell("srv_admin_state").flatMap({ Int($0) }),
            let weight = cell("srv_uweight").flatMap({ Int($0) }),
            let configured = cell("srv_iweight").flatMap({ Int($0) })
        else { return }
        states.servers[name] = ServerStates.Server(
            // 0 is stopped, 1 starting, 2 running, 3 stopping.
            isUp: operational == 1 || operational == 2, flags: ServerStates.Flags(rawValue: admin),
            weight: weight, configuredWeight: configured)
    }
}
