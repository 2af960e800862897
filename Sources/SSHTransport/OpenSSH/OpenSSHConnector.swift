internal import Glibc
internal import Reactor
package import Remote
internal import Subprocess
internal import Synchronization

/// Logs in by running the system's `ssh`: a master connection per session, commands multiplexed over it.
///
/// For what libssh2 cannot do: certificates, hardware keys, ProxyCommand, Kerberos. ssh itself follows the
/// operator's configuration, after a few lines of haops that come first and therefore take precedence.
package final class OpenSSHConnector: Connector {
    private let options: ConnectionOptions
    private let secrets: Secrets
    /// The run's private directory, mode 700, with control sockets and the configuration that includes the
    /// operator's.
    private let directory: String
    private let lastSession = Mutex(0)
    /// Serialises prompts on the terminal.
    private let terminal = AsyncSemaphore()

    init(options: ConnectionOptions, secrets: Secrets) throws(TransportStartError) {
        self.options = options
        self.secrets = secrets
        // A command may end without reading its input. Writing to its ssh must then fail with an error instead of
        // SIGPIPE.
        _ = signal(SIGPIPE, SIG_IGN)
        // ssh silently ignores an unreadable known_hosts file, and with it changed keys.
        if let file = options.knownHosts.map(expandTilde), let error = obstacle(to: file) {
            throw TransportStartError(cause: "\(file) cannot be read: \(error.message)")
        }
        let scan: ConfigScan
        switch ConfigScan.ofFiles(options.sshConfig) {
        case .success(let found): scan = found
        case .failure(let error):
            throw TransportStartError(cause: "\(error.file) cannot be read whole: \(error.why)")
        }
        directory = try Self.makeDirectory()
        let texts = [
            "operator": Self.operatorsConfiguration(options),
            "config": Self.configuration(options, in: directory, scan),
        ]
        for (name, text) in texts {
            if case .failure(let error) = writeFile(text, to: "\(directory)/\(name)") {
                throw TransportStartError(cause: "\(directory)/\(name): \(error.message)")
            }
        }
    }

    /// Removes the run's directory. The sessions have ended their masters before.
    func close() {
        _ = unsafe unlink(directory + "/config")
        _ = unsafe unlink(directory + "/operator")
        _ = unsafe rmdir(directory)
    }

    /// A socket's path may have 107 bytes (unix(7)), and ssh appends 17 while it binds.
    private static func makeDirectory() throws(TransportStartError) -> String {
        let bases = [environment("XDG_RUNTIME_DIR"), environment("TMPDIR"), "/tmp"].compactMap(\.self)
        for base in bases where base.utf8.count <= 60 {
            var template = Array("\(base)/haops-XXXXXX".utf8CString)
            if unsafe mkdtemp(&template) != nil { return String(c: template) }
        }
        throw TransportStartError(cause: "no directory for control sockets: \(String(errno: errno))")
    }

    /// ssh uses the first value of a keyword, so these lines precede the included files. Through `-F` they apply
    /// to jump hosts too.
    ///
    /// - `scan`: the scan of the operator's files.
    static func configuration(_ options: ConnectionOptions, in directory: String, _ scan: ConfigScan)
        -> String
    {
        let seconds = max(1, options.connectTimeout.components.seconds)
        var lines = options.acceptNew ? ["StrictHostKeyChecking accept-new"] : []
        if !options.acceptNew, scan.acceptsNew { lines = acceptance(directory) }
        lines += [
            "StrictHostKeyChecking yes", "ConnectTimeout \(seconds)", "LogLevel INFO", "RequestTTY no",
            "RemoteCommand none", "EscapeChar none",
            // A master whose peer is gone ends, and its session is reopened.
            "ServerAliveInterval 5", "ServerAliveCountMax 3",
            // Disables what a compromised node could use: the operator's keys and display, and ways into this
            // machine.
            "ForwardAgent no", "ForwardX11 no", "ForwardX11Trusted no", "ClearAllForwardings yes",
            "Tunnel no",
            "PermitLocalCommand no",
        ]
        // An ssh without Kerberos prints a warning about this keyword for each command.
        if scan.mayDelegateTickets { lines.append("GSSAPIDelegateCredentials no") }
        if let file = options.knownHosts {
            lines += ["UserKnownHostsFile \"\(expandTilde(file))\"", "GlobalKnownHostsFile /dev/null"]
        }
        lines.append("Include \"\(directory)/operator\"")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The lines that include the operator's files.
    private static func operatorsConfiguration(_ options: ConnectionOptions) -> String {
        switch options.sshConfig {
        case "none": ""
        case let file?: "Include \"\(expandTilde(file))\"\n"
        case nil: "Include \"\(homeDirectory)/.ssh/config\"\nInclude /etc/ssh/ssh_config\n"
        }
    }

    /// The lines that apply `StrictHostKeyChecking accept-new` of the operator's files, but no laxer value. ssh
    /// itself evaluates the files for each hop, because only ssh knows their rules. Without such a line in the
    /// files nothing is run.
    private static func acceptance(_ directory: String) -> [String] {
        guard !directory.contains(where: { "'\"%\\".contains($0) }) else { return [] }
        let question = "ssh -F '\(directory)/operator' -G -- '%n' 2>/dev/null"
        return [
            "Match exec \"\(question) | grep -qix 'stricthostkeychecking accept-new'\"",
            "StrictHostKeyChecking accept-new", "Match all",
        ]
    }

    package func connect(to target: SSHTarget) async throws(RemoteError) -> any PooledSession {
        let number = lastSession.withLock { last in
            last += 1
            return last
        }
        let session = OpenSSHSession(
            host: target.id, user: target.user, socket: "\(directory)/\(number)", options: options,
            dialTimeout: dialTimeout(for: target), destination: try arguments(for: target),
            becomePassword: await secrets.becomePassword(options))
        try await open(session)
        return session
    }

    /// As for libssh2: only without a jump host, and not where a timeout is requested.
    private func dialTimeout(for target: SSHTarget) -> Duration? {
        let isDirect = target.jumps?.isEmpty ?? true
        return isDirect && options.requestedConnectTimeout == nil ? options.dialTimeout : nil
    }

    private func open(_ session: OpenSSHSession) async throws(RemoteError) {
        do {
            try await session.open(asking: false)
        } catch {
            // Only a passphrase or password may be missing, which ssh itself asks for on the terminal.
            guard error.kind == .authenticationFailed, Self.hasTerminal, await terminal.enter() else {
                throw error
            }
            defer { terminal.leave() }
            try await session.open(asking: true)
        }
    }

    private static var hasTerminal: Bool {
        let descriptor = unsafe Glibc.open("/dev/tty", O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        closeDescriptor(descriptor)
        return true
    }

    private func arguments(for target: SSHTarget) throws(RemoteError) -> [String] {
        // A shell may read the name, see ``acceptance(_:)``.
        guard !target.host.isEmpty, !target.host.hasPrefix("-"), !target.host.contains("'") else {
            throw .configuration(host: target.id, cause: "`\(target.host)` is not a host name", hint: nil)
        }
        var arguments = ["-F", directory + "/config"]
        if let user = target.user { arguments += ["-l", user] }
        if let port = target.port { arguments += ["-p", String(port)] }
        for identity in target.identities { arguments += ["-i", expandTilde(identity)] }
        if let jumps = target.jumps {
            if let jump = jumps.first(where: { $0.contains("'") }) {
                throw .configuration(host: target.id, cause: "`\(jump)` is not a jump host", hint: nil)
            }
            // `none` also overrides the configuration.
            arguments += jumps.isEmpty ? ["-o", "ProxyJump=none"] : ["-J", jumps.joined(separator: ",")]
        }
        return arguments + ["--", target.host]
    }
}

/// Writes a file that only its owner can read.
private func writeFile(_ text: String, to path: String) -> Result<Void, FileError> {
    let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return .failure(.system(errno)) }
    defer { closeDescriptor(descriptor) }
    let bytes = Array(text.utf8)
    let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
    return count == bytes.count ? .success(()) : .failure(.system(errno))
}
