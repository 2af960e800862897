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

    @Option(help: "`openssh` runs the system's ssh: for certificates, FIDO keys, ProxyCommand and Kerberos.")
    var transport: TransportKind = .libssh2

    @Option(help: ArgumentHelp("At most this many logins at once.", valueName: "number"))
    var parallel: Int = 64

    @Option(
        help: ArgumentHelp(
            "Seconds for opening a connection; by default as in ssh_config, or 10.", valueName: "seconds"))
    var connectTimeout: Int?

    @Option(help: ArgumentHelp("Seconds for one command.", valueName: "seconds"))
    var commandTimeout: Int = 30

    @Option(
        help: ArgumentHelp(
            "Seconds for the whole run. A node that has not answered by then is unknown; no further step is begun.",
            valueName: "seconds"))
    var timeout: Int?

    @Flag(name: [.customShort("K"), .long], help: "Ask once for the sudo password.")
    var askBecomePass = false

    @Option(
        help: ArgumentHelp(
            "Append what happens in the run to this file, one JSON object a line.", valueName: "file"),
        completion: .file())
    var events: String?

    func validate() throws {
        if parallel < 1 { throw ValidationError("--parallel wants 1 or more") }
        if connectTimeout ?? 1 < 1 || commandTimeout < 1 {
            throw ValidationError("a timeout wants 1 second or more")
        }
        if timeout ?? 0 < 0 { throw ValidationError("--timeout wants seconds, or 0 for none") }
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
        guard let sshConfig, sshConfig != "none" else { return sshConfig }
        let file = expandingHome(sshConfig)
        return file.hasPrefix("/") ? file : FileManager.default.currentDirectoryPath + "/" + file
    }

    /// The time limit of the whole run; `nil` means none.
    var timeLimit: Duration? { timeout.flatMap { $0 > 0 ? .seconds($0) : nil } }

    var options: ConnectionOptions {
        ConnectionOptions(
            sshConfig: sshConfigFile, knownHosts: knownHosts, acceptNew: acceptNew,
            connectTimeout: connectTimeout.map { .seconds($0) }, commandTimeout: .seconds(commandTimeout),
            parallel: parallel,
            askBecomePassword: askBecomePass)
    }

    /// The target with these options applied; they override the inventory.
    func applied(to target: SSHTarget) -> SSHTarget {
        var target = target
        if let user { target.user = user }
        if let port { target.port = port }
        if !identity.isEmpty { target.identities = identity }
        if let jump { target.jumps = jump == "none" ? [] : jump.split(separator: ",").map(String.init) }
        return target
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
    func withTransport<Value: Sendable>(
        prompt: any SecretPrompt = TerminalPrompt(), asksOnce: Bool = false,
        _ body: @escaping @Sendable (any Transport) async throws -> Value
    ) async throws -> Value {
        guard let wiring = Wiring.current else { throw Failure(.failed, "no transport is wired in") }
        let box = ResultBox<Value>()
        var options = options
        options.keepsSessions = !asksOnce
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
