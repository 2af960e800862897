/// Where and as whom a machine is reached, before the operator's ssh configuration has its say.
///
/// A `nil` leaves the choice to `ssh -G`, and behind that to ssh's own default.
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

/// What holds for every connection of one run: the options of the command line.
package struct ConnectionOptions: Sendable {
    /// `-F`; `nil` is the operator's own configuration, `none` is none.
    package var sshConfig: String?
    /// `--known-hosts`; `nil` is what the ssh configuration says.
    package var knownHosts: String?
    /// Add the key of a host never seen before, instead of refusing it. A changed key is refused always.
    package var acceptNew: Bool
    /// From the first SYN to an authenticated session.
    /// `nil` is what the ssh configuration says, and behind that ten seconds.
    package var requestedConnectTimeout: Duration?
    package var connectTimeout: Duration {
        get { requestedConnectTimeout ?? .seconds(10) }
        set { requestedConnectTimeout = newValue }
    }
    /// For one command without a timeout of its own.
    package var commandTimeout: Duration
    /// At most so many logins at once.
    package var parallel: Int
    /// Keep a session open for the next question to its machine. A run that asks each machine once closes it instead.
    package var keepsSessions = true
    /// `-K`: the sudo password is asked for once, before anything is sent.
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

/// Asks the operator for something that must not be echoed; `nil` when there is nobody to ask.
package protocol SecretPrompt: Sendable {
    func secret(_ question: String) async -> String?
}

/// The ways to reach machines that `--transport` names.
package enum TransportKind: String, CaseIterable, Sendable {
    /// In this process, by way of libssh2.
    case libssh2
    /// By running the system's `ssh`: for certificates, hardware keys, ProxyCommand and Kerberos.
    case openssh
}
