package import Facts

/// What an operator wants of servers of haproxy.
package enum ServerChange: Hashable, Sendable {
    /// No new sessions, except those that stick to the server.
    case drain
    /// As haproxy.cfg has it.
    case enable
    case weigh(ServerWeight)

    /// The verb of the command line.
    package var verb: String {
        switch self {
        case .drain: "drain"
        case .enable: "enable"
        case .weigh: "weight"
        }
    }

    /// The word of haproxy's `set server … state`; `nil` leaves the state as it is.
    ///
    /// - `now`: what the server is now.
    func state(after now: ServerStates.Server) -> String? {
        switch self {
        case .drain: "drain"
        case .enable: now.flags.contains(.disabled) ? "maint" : "ready"
        case .weigh: nil
        }
    }

    /// The weight that is set; `nil` leaves it as it is.
    var weight: ServerWeight? {
        switch self {
        case .drain: nil
        case .enable: .configured
        case .weigh(let weight): weight
        }
    }

    /// The server when this is done.
    func applied(to now: ServerStates.Server) -> ServerStates.Server {
        var then = now
        switch state(after: now) {
        case "drain"?:
            then.flags.insert(.drain)
            then.flags.remove(.maintenance)
        case "ready"?: then.flags.subtract([.drain, .maintenance])
        case "maint"?:
            then.flags.insert(.maintenance)
            then.flags.remove(.drain)
        default: break
        }
        if let weight { then.weight = weight.inForce(configured: now.configuredWeight) }
        return then
    }

    /// What is kept of a server when this is done; `nil` where nothing is.
    ///
    /// - `before`: what is kept of it now.
    /// - `new`: a line of this run's own, which keeps nothing yet.
    func kept(before: KeptServer?, new: KeptServer) -> KeptServer? {
        var kept = new
        kept.state = before?.state
        kept.weight = before?.weight
        switch self {
        case .drain: kept.state = .drain
        case .enable: return nil
        case .weigh(let weight): kept.weight = weight == .configured ? nil : weight
        }
        guard kept.isKept else { return nil }
        if let before, before.keepsTheSame(as: kept) { return before }
        return kept
    }
}

/// A server as an operator names it: `web/web2`, or `web2` in every backend that has one.
package struct ServerSelector: Hashable, Sendable, CustomStringConvertible {
    package var backend: String?
    package var server: String

    /// - Returns: `nil` where the text names no server.
    package init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ ServerName.isName($0) }), let last = parts.last else {
            return nil
        }
        backend = parts.count == 2 ? String(parts[0]) : nil
        server = String(last)
    }

    package var description: String { (backend.map { $0 + "/" } ?? "") + server }

    /// Whether it means this server.
    package func matches(_ name: ServerName) -> Bool {
        name.server == server && (backend == nil || backend == name.backend)
    }
}
