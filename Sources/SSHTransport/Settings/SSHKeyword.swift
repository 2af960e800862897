/// A keyword of ssh_config(5), and how haops treats it when it connects through libssh2.
struct SSHKeyword: Sendable {
    enum Handling: Hashable, Sendable {
        case followed
        /// It cannot restrict a login.
        case ignored
        /// It may restrict a login and is not followed, so haops refuses to log in; `way` is what ssh does.
        case refused(way: String, showsValue: Bool)
    }

    /// The name as in ssh_config(5).
    let name: String
    let handling: Handling
    /// What haops does about it, or why it does nothing.
    let what: String
    /// Its older names, in lower case.
    let aliases: [String]

    private init(_ name: String, _ handling: Handling, _ what: String, aliases: [String] = []) {
        self.name = name
        self.handling = handling
        self.what = what
        self.aliases = aliases
    }

    /// The keyword with this name or older name, in lower case.
    static func named(_ word: String) -> SSHKeyword? { byName[word] }

    private static let byName: [String: SSHKeyword] = {
        var keywords: [String: SSHKeyword] = [:]
        for keyword in all {
            for name in [keyword.name.lowercased()] + keyword.aliases { keywords[name] = keyword }
        }
        return keywords
    }()

    /// Words that are no keywords of a host, or that ssh accepts and ignores, in lower case.
    static let idle: Set<String> = [
        "host", "match", "include",
        "protocol", "cipher", "fallbacktorsh", "globalknownhostsfile2", "rhostsauthentication",
        "userknownhostsfile2", "useroaming", "usersh", "useprivilegedport", "afstokenpassing",
        "kerberosauthentication", "kerberostgtpassing", "rsaauthentication", "rhostsrsaauthentication",
        "compressionlevel",
    ]

    /// The keyword's row in docs/SSHConfig.md.
    var row: String {
        let column =
            switch handling {
            case .followed: "followed"
            case .ignored: "no restriction"
            case .refused: "refused"
            }
        return "| `\(name)` | \(column) | \(what) |"
    }

    /// All keywords. docs/SSHConfig.md has these rows in this order.
    static let all: [SSHKeyword] = [
        SSHKeyword("HostName", .followed, "connects to it"),
        SSHKeyword("Port", .followed, "connects to it, unless the inventory or the command line has another"),
        SSHKeyword("User", .followed, "logs in as it, unless the inventory or the command line has another"),
        SSHKeyword("ProxyCommand", .refused(way: "runs it", showsValue: false), "runs no commands"),
        SSHKeyword(
            "ProxyJump", .followed,
            "connects through these hosts, in this process; each obeys its own section"),
        SSHKeyword("ProxyUseFdpass", .ignored, "belongs to ProxyCommand"),
        SSHKeyword("AddressFamily", .followed, "connects to addresses of this family only"),
        SSHKeyword("BindAddress", .followed, "connects from it"),
        SSHKeyword(
            "BindInterface", .refused(way: "connects from it", showsValue: false),
            "does not look for an interface's address"),
        SSHKeyword(
            "ConnectTimeout", .followed,
            "waits so long for a login, unless `--connect-timeout` is given; a verb that only looks waits at most 3 s for the TCP connection"
        ),
        SSHKeyword("ConnectionAttempts", .ignored, "tries once"),
        SSHKeyword(
            "TCPKeepAlive", .ignored, "decides what ends a connection, not who may open one",
            aliases: ["keepalive"]),
        SSHKeyword("ServerAliveInterval", .ignored, "decides what ends a connection, not who may open one"),
        SSHKeyword("ServerAliveCountMax", .ignored, "decides what ends a connection, not who may open one"),
        SSHKeyword("IPQoS", .ignored, "marks packets only"),
        SSHKeyword("Compression", .ignored, "does not compress"),
        SSHKeyword("RekeyLimit", .ignored, "leaves new keys to the server; a session is short"),
        SSHKeyword("CanonicalizeHostname", .followed, "asks `ssh -G` for the name that comes of it"),
        SSHKeyword("CanonicalDomains", .followed, "as CanonicalizeHostname"),
        SSHKeyword("CanonicalizeFallbackLocal", .followed, "as CanonicalizeHostname"),
        SSHKeyword("CanonicalizeMaxDots", .followed, "as CanonicalizeHostname"),
        SSHKeyword("CanonicalizePermittedCNAMEs", .followed, "as CanonicalizeHostname"),
        SSHKeyword(
            "KexAlgorithms", .followed,
            "offers only those of them that libssh2 has, and refuses when it has none"),
        SSHKeyword(
            "Ciphers", .followed, "offers only those of them that libssh2 has, and refuses when it has none"),
        SSHKeyword(
            "MACs", .followed, "offers only those of them that libssh2 has, and refuses when it has none"),
        SSHKeyword(
            "HostKeyAlgorithms", .followed,
            "offers only those of them that libssh2 has, and refuses when it has none"),
        SSHKeyword("CASignatureAlgorithms", .ignored, "certificates are not accepted at all"),
        SSHKeyword(
            "RequiredRSASize", .followed, "refuses host keys, and does not offer keys, that are shorter",
            aliases: ["rsaminsize"]),
        SSHKeyword("WarnWeakCrypto", .ignored, "warns only"),
        SSHKeyword("VersionAddendum", .ignored, "a text in the greeting"),
        SSHKeyword("RefuseConnection", .refused(way: "says the same", showsValue: false), "does not connect"),
        SSHKeyword(
            "UserKnownHostsFile", .followed, "reads these files whole, unless `--known-hosts` is given"),
        SSHKeyword(
            "GlobalKnownHostsFile", .followed, "reads these files whole, unless `--known-hosts` is given"),
        SSHKeyword(
            "RevokedHostKeys", .refused(way: "refuses the keys in it", showsValue: true), "does not read it"),
        SSHKeyword("KnownHostsCommand", .refused(way: "runs it", showsValue: false), "runs no commands"),
        SSHKeyword("HostKeyAlias", .followed, "looks for this name in known_hosts"),
        SSHKeyword(
            "CheckHostIP", .followed, "refuses when a line for the address has another key, or a revoked one"),
        SSHKeyword(
            "StrictHostKeyChecking", .followed,
            "`accept-new` adds unknown hosts; `no` and `off` are taken for `yes`"),
        SSHKeyword("NoHostAuthenticationForLocalhost", .ignored, "host keys are checked there too"),
        SSHKeyword(
            "VerifyHostKeyDNS", .ignored,
            "keys in DNS are never trusted; ssh too refuses none because of them"),
        SSHKeyword("UpdateHostKeys", .ignored, "learns no further keys of a host"),
        SSHKeyword("HashKnownHosts", .followed, "hashes the names that it adds"),
        SSHKeyword("FingerprintHash", .ignored, "shows SHA-256"),
        SSHKeyword("VisualHostKey", .ignored, "shows the fingerprint only"),
        SSHKeyword("IdentityFile", .followed, "offers these keys"),
        SSHKeyword("IdentitiesOnly", .followed, "offers only them, and of the agent's keys only these"),
        SSHKeyword("IdentityAgent", .followed, "asks this agent"),
        SSHKeyword("CertificateFile", .followed, "cannot log in with it, and says so when the login fails"),
        SSHKeyword(
            "PKCS11Provider", .ignored, "cannot log in with its keys; a way in, not a restriction",
            aliases: ["smartcarddevice"]),
        SSHKeyword(
            "SecurityKeyProvider", .ignored, "cannot log in with such keys, and says so when the login fails"),
        SSHKeyword("AddKeysToAgent", .ignored, "adds none"),
        SSHKeyword("PubkeyAuthentication", .followed, "`no`: offers no key", aliases: ["dsaauthentication"]),
        SSHKeyword(
            "PubkeyAcceptedAlgorithms", .followed, "offers only keys that sign with one of them",
            aliases: ["pubkeyacceptedkeytypes"]),
        SSHKeyword("PasswordAuthentication", .followed, "`no`: shows no password"),
        SSHKeyword(
            "KbdInteractiveAuthentication", .followed, "`no`: answers no questions",
            aliases: ["challengeresponseauthentication", "skeyauthentication", "tisauthentication"]),
        SSHKeyword("KbdInteractiveDevices", .followed, "cannot name devices, so answers no questions"),
        SSHKeyword(
            "PreferredAuthentications", .followed,
            "logs in with these methods only, keys first; refuses when libssh2 has none of them"),
        SSHKeyword("BatchMode", .followed, "`yes`: asks the operator nothing"),
        SSHKeyword(
            "NumberOfPasswordPrompts", .followed, "`0`: asks the operator nothing; otherwise asks once"),
        SSHKeyword(
            "HostbasedAuthentication", .ignored, "cannot log in that way; a way in, not a restriction"),
        SSHKeyword(
            "HostbasedAcceptedAlgorithms", .ignored, "belongs to HostbasedAuthentication",
            aliases: ["hostbasedkeytypes"]),
        SSHKeyword("EnableSSHKeysign", .ignored, "belongs to HostbasedAuthentication"),
        SSHKeyword("GSSAPIAuthentication", .ignored, "cannot log in that way; a way in, not a restriction"),
        SSHKeyword("GSSAPIKeyExchange", .ignored, "cannot log in that way; a way in, not a restriction"),
        SSHKeyword("GSSAPIKexAlgorithms", .ignored, "belongs to GSSAPIKeyExchange"),
        SSHKeyword("GSSAPIDelegateCredentials", .ignored, "delegates nothing"),
        SSHKeyword("GSSAPIClientIdentity", .ignored, "belongs to GSSAPIAuthentication"),
        SSHKeyword("GSSAPIServerIdentity", .ignored, "belongs to GSSAPIAuthentication"),
        SSHKeyword("GSSAPIRenewalForcesRekey", .ignored, "belongs to GSSAPIAuthentication"),
        SSHKeyword("GSSAPITrustDns", .ignored, "belongs to GSSAPIAuthentication"),
        SSHKeyword("ForwardAgent", .ignored, "forwards nothing"),
        SSHKeyword("ForwardX11", .ignored, "forwards nothing"),
        SSHKeyword("ForwardX11Timeout", .ignored, "forwards nothing"),
        SSHKeyword("ForwardX11Trusted", .ignored, "forwards nothing"),
        SSHKeyword("XAuthLocation", .ignored, "forwards nothing"),
        SSHKeyword("LocalForward", .ignored, "forwards nothing"),
        SSHKeyword("RemoteForward", .ignored, "forwards nothing"),
        SSHKeyword("DynamicForward", .ignored, "forwards nothing"),
        SSHKeyword("PermitRemoteOpen", .ignored, "forwards nothing"),
        SSHKeyword("GatewayPorts", .ignored, "forwards nothing"),
        SSHKeyword("ClearAllForwardings", .ignored, "forwards nothing"),
        SSHKeyword("ExitOnForwardFailure", .ignored, "forwards nothing"),
        SSHKeyword("StreamLocalBindMask", .ignored, "forwards nothing"),
        SSHKeyword("StreamLocalBindUnlink", .ignored, "forwards nothing"),
        SSHKeyword("Tunnel", .ignored, "makes no tunnel device"),
        SSHKeyword("TunnelDevice", .ignored, "makes no tunnel device"),
        SSHKeyword("PermitLocalCommand", .ignored, "runs no local command"),
        SSHKeyword("LocalCommand", .ignored, "runs no local command"),
        SSHKeyword("RemoteCommand", .ignored, "runs haops' own commands"),
        SSHKeyword("RequestTTY", .ignored, "asks for no terminal"),
        SSHKeyword("SessionType", .ignored, "runs commands"),
        SSHKeyword("StdinNull", .ignored, "feeds its commands itself"),
        SSHKeyword("ForkAfterAuthentication", .ignored, "stays"),
        SSHKeyword("EscapeChar", .ignored, "has no escapes"),
        SSHKeyword("EnableEscapeCommandline", .ignored, "has no escapes"),
        SSHKeyword("SendEnv", .ignored, "sends no variables"),
        SSHKeyword("SetEnv", .ignored, "sends no variables"),
        SSHKeyword("ControlMaster", .ignored, "makes connections of its own"),
        SSHKeyword("ControlPath", .ignored, "makes connections of its own"),
        SSHKeyword("ControlPersist", .ignored, "makes connections of its own"),
        SSHKeyword("ChannelTimeout", .ignored, "decides what ends a connection, not who may open one"),
        SSHKeyword("ObscureKeystrokeTiming", .ignored, "nobody types"),
        SSHKeyword("LogLevel", .ignored, "haops has a log of its own"),
        SSHKeyword("LogVerbose", .ignored, "haops has a log of its own"),
        SSHKeyword("SyslogFacility", .ignored, "haops has a log of its own"),
        SSHKeyword("Tag", .followed, "`ssh -G` chooses `Match tagged` by it"),
        SSHKeyword("IgnoreUnknown", .ignored, "`ssh -G` passes over what it names"),
    ]
}
