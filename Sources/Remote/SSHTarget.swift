/// A machine's address and login, before the operator's ssh configuration is applied.
///
/// `nil` leaves the value to `ssh -G`, which falls back on ssh's default.
package struct SSHTarget: Hashable, Sendable {
    package var id: HostID
    /// An address, a DNS name or an alias of the operator's ssh configuration.
    package var host: String
    package var user: String?
    package var port: Int?
    /// Private key files, tried in order.
    package var identities: [String]
    /// The hops before the machine, nearest first, as `-J` writes them; empty means "none at all".
    package var jumps: [String]?

    package init(
        id: HostID, host: String, user: String? = nil, port: Int? = nil, identities: [String] = [],
        jumps: [String]? = nil
    ) {
        self.id = id
        self.host = host
        self.user = user
        self.port = port
        self.identities = identities
        self.jumps = jumps
    }
}

/// The command line's options for all connections of a run.
package struct ConnectionOptions: Sendable {
    /// `-F`; `nil` means the operator's usual configuration, `none` no configuration.
    package var sshConfig: String?
    /// `--known-hosts`; `nil` means the files of the ssh configuration.
    package var knownHosts: String?
    /// Add the key of an unknown host instead of refusing it. A changed key is always refused.
    package var acceptNew: Bool
    /// From the first SYN to an authenticated session. `nil` means the value of the ssh configuration, or else
    /// ten seconds.
    package var requestedConnectTimeout: Duration?
    package var connectTimeout: Duration {
        get { requestedConnectTimeout ?? .seconds(10) }
        set { requestedConnectTimeout = newValue }
    }
    /// A shorter limit for the TCP connection alone, for runs that only look: a machine that is down does not answer,
    /// and one that is busy answers this and may take longer to log in. It does not count where a timeout is requested.
    package var dialTimeout: Duration?
    /// The time limit of a command without its own.
    package var commandTimeout: Duration
    /// The most logins at once.
    package var parallel: Int
    /// Keep a session open for the next command to its machine. A run that asks each machine once closes it
    /// instead.
    package var keepsSessions = true
    /// How many sessions the run holds open all the time, besides those for single commands.
    package var heldSessions = 0
    /// `-K`: ask the operator once for the sudo password, before anything is sent.
    package var askBecomePassword: Bool

    package init(
        sshConfig: String? = nil, knownHosts: String? = nil, acceptNew: Bool = false,
        connectTimeout: Duration? = nil, commandTimeout: Duration = .seconds(30), parallel: Int = 64,
        askBecomePassword: Bool = false
    ) {
        self.sshConfig = sshConfig
        self.knownHosts = knownHosts
        self.acceptNew = acceptNew
        self.requestedConnectTimeout = connectTimeout
        self.commandTimeout = commandTimeout
        self.parallel = parallel
        self.askBecomePassword = askBecomePassword
    }
}

/// Asks the operator for a secret, without echo; `nil` when there is no terminal.
package protocol SecretPrompt: Sendable {
    func secret(_ question: String) async -> String?
}

/// The transports of `--transport`.
package enum TransportKind: String, CaseIterable, Sendable {
    /// In this process, by way of libssh2.
    case libssh2
    /// By running the system's `ssh`: for certificates, hardware keys, ProxyCommand and Kerberos.
    case openssh
}
