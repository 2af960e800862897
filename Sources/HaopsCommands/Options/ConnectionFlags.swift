import ArgumentParser
import FoundationEssentials
import Glibc
import Inventory
import Remote

/// The connection options, the same for every verb.
struct ConnectionFlags: ParsableArguments {
    @Option(help: ArgumentHelp("Log in as this user.", valueName: "name"))
    var user: String?

    @Option(help: ArgumentHelp("Connect to this port.", valueName: "number"))
    var port: Int?

    @Option(
        help: ArgumentHelp("Use this private key; may be given several times.", valueName: "file"),
        completion: .file())
    var identity: [String] = []

    @Option(
        help: ArgumentHelp("Look for host keys here.", valueName: "file"), completion: .file())
    var knownHosts: String?

    @Flag(help: "Add the key of a host never seen before; a changed key is refused always.")
    var acceptNew = false

    @Option(
        name: [.customShort("J"), .long],
        help: ArgumentHelp("Go by way of these hosts, nearest first.", valueName: "host,…"))
    var jump: String?

    @Option(
        name: [.customShort("F"), .long],
        help: ArgumentHelp("Read this ssh configuration; `none` reads none.", valueName: "file"),
        completion: .file())
    var sshConfig: String?

    @Option(
        name: .customLong("transport"),
        help:
            "`openssh` runs the system's ssh: for certificates, FIDO keys, ProxyCommand and Kerberos. The default is libssh2."
    )
    var givenTransport: TransportKind?

    @Option(
        name: .customLong("parallel"),
        help: ArgumentHelp("At most this many logins at once; by default 64.", valueName: "number"))
    var givenParallel: Int?

    @Option(
        help: ArgumentHelp(
            "Seconds for opening a connection; by default as in ssh_config, or 10. A verb that only looks waits 3 for a machine that is down.",
            valueName: "seconds"))
    var connectTimeout: Int?

    @Option(
        name: .customLong("command-timeout"),
        help: ArgumentHelp("Seconds for one command; by default 30.", valueName: "seconds"))
    var givenCommandTimeout: Int?

    @Option(
        help: ArgumentHelp(
            "Time for the whole run: `30`, `30s`, `5m`. A node that has not answered by then is unknown; no further step is begun.",
            valueName: "time"))
    var timeout: TimeSpan?

    @Flag(name: [.customShort("K"), .long], help: "Ask once for the sudo password.")
    var askBecomePass = false

    @Option(
        help: ArgumentHelp(
            "Append what happens in the run to this file, one JSON object a line.", valueName: "file"),
        completion: .file())
    var events: String?

    /// What counts where neither a flag, nor the environment, nor the configuration file says anything.
    static let usualParallel = 64
    static let usualCommandTimeout = 30
    static let usualTransport = TransportKind.libssh2
    /// How long a verb that only looks waits for a machine that is down.
    static let dialTimeout = Duration.seconds(3)

    var transport: TransportKind {
        givenTransport ?? Settings.current.text(.transport).flatMap { TransportKind(rawValue: $0) }
            ?? Self.usualTransport
    }
    var parallel: Int { givenParallel ?? Settings.current.number(.parallel) ?? Self.usualParallel }
    private var commandTimeout: Int {
        givenCommandTimeout ?? Settings.current.number(.commandTimeout) ?? Self.usualCommandTimeout
    }
    private var requestedConnectTimeout: Int? { connectTimeout ?? Settings.current.number(.connectTimeout) }

    func validate() throws {
        if parallel < 1 { throw ValidationError("--parallel wants 1 or more") }
        if connectTimeout ?? 1 < 1 || givenCommandTimeout ?? 1 < 1 {
            throw ValidationError("a timeout wants 1 second or more")
        }
        if let file = sshConfigFile, file != "none", unsafe access(file, R_OK) != 0 {
            throw ValidationError(
                "cannot read the ssh configuration `\(file)`: \(LocalFileError(errno).reason)"
            )
        }
        if events == "-" || events == "" {
            throw ValidationError(
                "--events wants a file: standard output is for the answer; /dev/stderr is a file, too")
        }
        if let port, !(1...65535).contains(port) { throw ValidationError("--port wants 1 to 65535") }
    }

    /// The path of `-F`, made absolute: ssh looks for a relative path's includes in ~/.ssh.
    private var sshConfigFile: String? {
        guard let sshConfig = sshConfig ?? Settings.current.text(.sshConfig), sshConfig != "none" else {
            return sshConfig ?? Settings.current.text(.sshConfig)
        }
        let file = expandingHome(sshConfig)
        return file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
    }

    /// The time limit of the whole run; `nil` means none.
    var timeLimit: Duration? {
        let limit = timeout?.duration ?? Settings.current.number(.timeout).map { .seconds($0) }
        return limit.flatMap { $0 > .zero ? $0 : nil }
    }

    var options: ConnectionOptions {
        ConnectionOptions(
            sshConfig: sshConfigFile, knownHosts: knownHosts ?? Settings.current.text(.knownHosts),
            acceptNew: acceptNew, connectTimeout: requestedConnectTimeout.map { .seconds($0) },
            commandTimeout: .seconds(commandTimeout),
            parallel: parallel,
            askBecomePassword: askBecomePass)
    }

    /// The target with these options applied; flags override the inventory, and the inventory overrides what the
    /// environment and the configuration file say of every machine.
    func applied(to target: SSHTarget) -> SSHTarget {
        var target = target
        let settings = Settings.current
        target.user = target.user ?? settings.text(.user)
        target.port = target.port ?? settings.number(.port)
        if target.identities.isEmpty { target.identities = settings.text(.identity).map { [$0] } ?? [] }
        if target.jumps == nil { target.jumps = settings.text(.jump).map(Self.hops) }
        if let user { target.user = user }
        if let port { target.port = port }
        if !identity.isEmpty { target.identities = identity }
        if let jump { target.jumps = Self.hops(jump) }
        return target
    }

    private static func hops(_ text: String) -> [String] {
        text == "none" ? [] : text.split(separator: ",").map(String.init)
    }

    /// The node with these options applied to its target.
    func applied(to node: Node) -> Node {
        var node = node
        node.target = applied(to: node.target)
        return node
    }

    /// Opens the chosen transport for the duration of `body`.
    ///
    /// - `asksOnce`: each machine is asked one question, so that no session has to wait for a second one.
    /// - `onlyLooks`: the run changes nothing, and does not wait long for a machine that is down.
    /// - `holds`: how many sessions the run holds open all the time.
    func withTransport<Value: Sendable>(
        prompt: any SecretPrompt = TerminalPrompt(), asksOnce: Bool = false, onlyLooks: Bool, holds: Int = 0,
        _ body: @escaping @Sendable (any Transport) async throws -> Value
    ) async throws -> Value {
        guard let wiring = Wiring.current else { throw Failure(.failed, "no transport is wired in") }
        let box = ResultBox<Value>()
        var options = options
        options.keepsSessions = !asksOnce
        options.heldSessions = holds
        if onlyLooks { options.dialTimeout = Self.dialTimeout }
        try await wiring.openTransport(transport, options, prompt) { transport in
            await box.set(try await body(transport))
        }
        guard let value = await box.value else {
            throw Failure(.failed, "the transport ended without an answer")
        }
        return value
    }
}

extension TransportKind: ExpressibleByArgument {}

/// Carries a value out of a closure that returns nothing.
private actor ResultBox<Value: Sendable> {
    private(set) var value: Value?
    func set(_ value: Value) { self.value = value }
}
