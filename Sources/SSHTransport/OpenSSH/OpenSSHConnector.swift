internal import Glibc
internal import Reactor
package import Remote
internal import Subprocess
internal import Synchronization

/// Logs in by running the system's `ssh`: a master connection per session, commands multiplexed over it.
///
/// For what libssh2 cannot do: certificates, hardware keys, ProxyCommand, Kerberos. The operator's configuration is
/// followed by ssh itself, under a few lines of our own that come first and therefore win.
package final class OpenSSHConnector: Connector {
    private let options: ConnectionOptions
    private let secrets: Secrets
    /// Private to this run, mode 700: control sockets, and the configuration that leads to the operator's.
    private let directory: String
    private let lastSession = Mutex(0)
    /// Questions on the terminal come one at a time.
    private let terminal = AsyncSemaphore()

    init(options: ConnectionOptions, secrets: Secrets) throws(TransportStartError) {
        self.options = options
        self.secrets = secrets
        // A command may end without reading its input; the pipe to its ssh then breaks, which is an error to be
        // passed over and not a reason to die.
        _ = signal(SIGPIPE, SIG_IGN)
        // ssh passes over a file that it cannot read, and changed keys may stand in it.
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

    /// Removes what the run left on disk; the sessions have ended their masters before.
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

    /// The first value that ssh finds for a keyword holds, so ours come before what is included. Through `-F` they hold
    /// for jump hosts too.
    ///
    /// - `scan`: of the operator's files.
    static func configuration(_ options: ConnectionOptions, in directory: String, _ scan: ConfigScan)
        -> String
    {
        let seconds = max(1, options.connectTimeout.components.seconds)
        var lines = options.acceptNew ? ["StrictHostKeyChecking accept-new"] : []
        if !options.acceptNew, scan.acceptsNew { lines = acceptance(directory) }
        lines += [
            "StrictHostKeyChecking yes", "ConnectTimeout \(seconds)", "LogLevel INFO", "RequestTTY no",
            "RemoteCommand none", "EscapeChar none",
            // A master whose peer is gone ends, and its session is opened anew.
            "ServerAliveInterval 5", "ServerAliveCountMax 3",
            // What a node could use for itself: the operator's keys and screen, and ways into this machine.
            "ForwardAgent no", "ForwardX11 no", "ForwardX11Trusted no", "ClearAllForwardings yes",
            "Tunnel no",
            "PermitLocalCommand no",
        ]
        // A ssh without Kerberos complains of the word, on the standard error of each command.
        if scan.mayDelegateTickets { lines.append("GSSAPIDelegateCredentials no") }
        if let file = options.knownHosts {
            lines += ["UserKnownHostsFile \"\(expandTilde(file))\"", "GlobalKnownHostsFile /dev/null"]
        }
        lines.append("Include \"\(directory)/operator\"")
        return lines.joined(separator: "\n") + "\n"
    }

    /// What leads to the operator's own files.
    private static func operatorsConfiguration(_ options: ConnectionOptions) -> String {
        switch options.sshConfig {
        case "none": ""
        case let file?: "Include \"\(expandTilde(file))\"\n"
        case nil: "Include \"\(homeDirectory)/.ssh/config\"\nInclude /etc/ssh/ssh_config\n"
        }
    }

    /// Follows an operator who accepts new hosts, and no other laxity: ssh itself is asked, hop by hop, what the
    /// operator's files say of a machine, as only it knows their rules. Nothing is run where they say nothing of it.
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
            destination: try arguments(for: target),
            becomePassword: await secrets.becomePassword(options))
        try await open(session)
        return session
    }

    private func open(_ session: OpenSSHSession) async throws(RemoteError) {
        do {
            try await session.open(asking: false)
        } catch {
            // A key's passphrase or a password may be all that is missing; ssh asks for it on the terminal itself.
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
        // A shell may read the name, see ``acceptance(_:_:)``.
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
            // `none` also takes back what the configuration says.
            arguments += jumps.isEmpty ? ["-o", "ProxyJump=none"] : ["-J", jumps.joined(separator: ",")]
        }
        return arguments + ["--", target.host]
    }
}

/// Writes a file that nobody else can read.
private func writeFile(_ text: String, to path: String) -> Result<Void, FileError> {
    let descriptor = unsafe Glibc.open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return .failure(.system(errno)) }
    defer { closeDescriptor(descriptor) }
    let bytes = Array(text.utf8)
    let count = unsafe Glibc.write(descriptor, bytes, bytes.count)
    return count == bytes.count ? .success(()) : .failure(.system(errno))
}
