internal import Remote
internal import Subprocess
internal import Synchronization

/// A master connection of the system's ssh, and the commands that run over it.
struct OpenSSHSession: PooledSession {
    let host: HostID
    let user: String?
    let socket: String
    let options: ConnectionOptions
    /// The limit of the TCP connection alone; `nil` when it has none of its own.
    let dialTimeout: Duration?
    /// ssh's arguments for the machine, its name last.
    let destination: [String]
    let becomePassword: SharedPassword?
    private let gate = AsyncSemaphore()

    init(
        host: HostID, user: String?, socket: String, options: ConnectionOptions, dialTimeout: Duration?,
        destination: [String], becomePassword: SharedPassword?
    ) {
        self.host = host
        self.user = user
        self.socket = socket
        self.options = options
        self.dialTimeout = dialTimeout
        self.destination = destination
        self.becomePassword = becomePassword
    }

    // MARK: - The master

    /// Connects and logs in; ssh then goes to the background and listens on the socket.
    func open(asking: Bool) async throws(RemoteError) {
        let whole = options.connectTimeout
        var limit = min(dialTimeout ?? whole, whole)
        var failure = try await login(asking: asking, within: limit)
        // ssh has one limit for the TCP connection and for the server's greeting. A machine that is down makes no
        // connection; one that is busy makes one and may greet late, so it gets the whole time.
        if limit < whole, failure?.isLateGreeting == true {
            limit = whole
            failure = try await login(asking: asking, within: limit)
        }
        guard let failure else { return }
        throw failure.connectError(
            host: host, user: user ?? loginName, destination: destination.last ?? "", timeout: limit)
    }

    /// One attempt to open the master; `nil` when it is open.
    ///
    /// - `limit`: of the TCP connection and the server's greeting.
    private func login(asking: Bool, within limit: Duration) async throws(RemoteError) -> Diagnosis? {
        let common = [
            "-o", "BatchMode=\(asking ? "no" : "yes")",
            "-o", "ConnectTimeout=\(max(1, limit.components.seconds))",
        ]
        // If this process is killed, the master ends by itself after 120 s without commands.
        let master = ["-M", "-N", "-f", "-o", "ControlPersist=120", "-o", "ControlPath=\(socket)"]
        var words = try await connect(master + common + destination, asking: asking)
        if words?.contains("UNKNOWN port") == true {
            // A jump host failed. ssh discards its messages for a persistent master, so the connection is tried
            // again without one.
            words =
                try await connect(["-T", "-S", "none"] + common + destination + ["exit 0"], asking: asking)
                ?? words
        }
        return words.map(Diagnosis.init)
    }

    /// ssh's messages when it cannot connect; `nil` when it can.
    private func connect(_ arguments: [String], asking: Bool) async throws(RemoteError) -> String? {
        // ssh limits each connection attempt by itself; this limit is for a server that accepts and then sends
        // nothing.
        let limit: Duration? = asking ? nil : options.connectTimeout + .seconds(2)
        let outcome = await timed(limit) {
            let run = try await Subprocess.run(
                .name("ssh"), arguments: Arguments(arguments), platformOptions: .endingInPeace,
                output: .discarded, error: .string(limit: 1 << 20))
            return (run.terminationStatus, run.standardError)
        }
        switch outcome {
        case .success((.exited(0), _)): return nil
        case .success where Task.isCancelled:
            throw .cancelled(host: host)
        case .success((_, let words)): return words
        case .failure(.deadline):
            throw .connectTimedOut(
                host: host, phase: "login", after: options.connectTimeout, hint: await untouchedKey())
        case .failure(.cancelled): throw .cancelled(host: host)
        case .failure(.failed(let why)):
            throw .configuration(
                host: host, cause: "ssh cannot be run: \(why)",
                hint: "install openssh-client, or use --transport libssh2")
        }
    }

    /// The hint when the login may have waited for a touch of a security key: without a terminal ssh does not
    /// report that.
    private func untouchedKey() async -> String? {
        let destination = destination
        let found = await timed(.seconds(2)) { () async throws -> String? in
            let settings = try await Subprocess.run(
                .name("ssh"), arguments: Arguments(["-G"] + destination), output: .string(limit: 1 << 16),
                error: .discarded)
            let keys = ResolvedConfig(settings.standardOutput).all("identityfile").map(expandTilde)
            guard !keys.isEmpty else { return nil }
            let onHardware = try await Subprocess.run(
                .name("grep"), arguments: Arguments(["-ls", "^sk-", "--"] + keys.map { $0 + ".pub" }),
                output: .string(limit: 1 << 16), error: .discarded)
            return onHardware.standardOutput.split(separator: "\n").first.map(String.init)
        }
        guard case .success(let key?) = found else { return nil }
        return
            "\(key) is on a security key, which may have waited to be touched, once for each node: use --parallel 1 and a longer --connect-timeout, or a key that needs no touch (`ssh-keygen -O no-touch-required`)"
    }

    /// Tells the master to end.
    func close() async { ControlSocket.terminate(socket) }

    /// Whether the master still runs; it ends when its peer is gone.
    var isUsable: Bool {
        get async {
            guard let descriptor = connectLocally(to: socket) else { return false }
            closeDescriptor(descriptor)
            return true
        }
    }

    /// The master itself checks its peer (`ServerAliveInterval`).
    func isAlive(within timeout: Duration) async -> Bool { await isUsable }

    // MARK: - Commands

    /// A command with its wrapping, as it is sent.
    struct Invocation {
        let command: Command
        let timeout: Duration
        let arguments: [String]
        let marker: EndMarker
        let become: BecomeDialogue?
    }

    func invocation(of command: Command) -> Invocation {
        let marker = EndMarker()
        var become: BecomeDialogue?
        var line = command.script
        if command.privileged, (user ?? loginName) != "root" {
            let dialogue = BecomeDialogue(withPassword: becomePassword != nil)
            line = dialogue.commandLine(for: command.script)
            become = dialogue
        }
        return Invocation(
            command: command, timeout: command.timeout ?? options.commandTimeout,
            arguments: ["-T", "-o", "ControlPath=\(socket)", "-o", "ControlMaster=no", "-o", "BatchMode=yes"]
                + destination + [marker.wrap(line)],
            marker: marker, become: become)
    }

    func run(_ command: Command) async throws(RemoteError) -> CommandOutput {
        guard await gate.enter() else {
            throw .cancelled(host: host, operation: command.operation, changes: false)
        }
        defer { gate.leave() }
        let invocation = invocation(of: command)
        let conversation = Conversation(
            invocation.become, host: host, outputLimit: command.outputLimit)
        let outcome = await timed(invocation.timeout, excused: { conversation.waited }) {
            try await execute(invocation, conversation)
        }
        // The exit status is irrelevant, because ssh was killed for the overflow.
        if conversation.passedLimit != nil, !Task.isCancelled { return try cutOff(conversation, invocation) }
        switch outcome {
        // Cancelling the task kills ssh, which looks like a lost connection.
        case .success(.failure(let error)) where error.isConnectionLost && Task.isCancelled:
            throw lost(.cancelled, invocation)
        case .success(let result): return try result.get()
        case .failure(let why): throw lost(why, invocation)
        }
    }

    /// The result of a command that exceeded its output limit and whose ssh was killed.
    private func cutOff(
        _ conversation: Conversation, _ invocation: Invocation
    ) throws(RemoteError) -> CommandOutput {
        let (output, errorOutput, become) = conversation.outcome
        guard become?.isReady ?? true else { throw overflow(conversation, invocation) }
        return try invocation.command.overflowed(host: host, stdout: output, stderr: errorOutput)
    }

    /// The error for a command that exceeded its output limit.
    func overflow(_ conversation: Conversation, _ invocation: Invocation) -> RemoteError {
        let command = invocation.command
        return .overflowed(
            host: host, operation: command.operation, limit: conversation.passedLimit ?? command.outputLimit,
            changes: command.changes)
    }

    func lost(_ why: TimedFailure, _ invocation: Invocation) -> RemoteError {
        let command = invocation.command
        return switch why {
        case .deadline:
            .timedOut(
                host: host, operation: command.operation, after: invocation.timeout, changes: command.changes)
        case .cancelled: .cancelled(host: host, operation: command.operation, changes: command.changes)
        case .failed(let cause):
            .connectionLost(
                host: host, operation: command.operation, cause: cause, changes: command.changes)
        }
    }

    /// Runs one ssh process to its end, with all three streams concurrently.
    private func execute(
        _ invocation: Invocation, _ conversation: Conversation
    ) async throws -> Result<CommandOutput, RemoteError> {
        let run = try await Subprocess.run(
            .name("ssh"), arguments: Arguments(invocation.arguments), platformOptions: .apart,
            input: .inputWriter, output: .sequence, error: .sequence
        ) { execution in
            let writer = execution.standardInputWriter
            async let heard: Void = {
                for try await buffer in execution.standardOutput
                where !conversation.receiveOutput(buffer.array) {
                    await execution.teardown(using: [])
                }
            }()
            async let fed: Void = feed(invocation, conversation, writer)
            for try await buffer in execution.standardError where !conversation.receive(buffer.array) {
                // sudo would prompt again; it gives up without input.
                conversation.end()
                if conversation.passedLimit != nil { await execution.teardown(using: []) }
            }
            conversation.end()
            await fed
            try await heard
        }
        return result(of: run.terminationStatus, conversation, invocation)
    }

    private func result(
        of status: TerminationStatus, _ conversation: Conversation, _ invocation: Invocation
    ) -> Result<CommandOutput, RemoteError> {
        if let denial = conversation.denial { return .failure(denial) }
        var (output, errorOutput, become) = conversation.outcome
        if var sudo = become, !sudo.isReady {
            if invocation.marker.takeStatus(from: &sudo.early) != nil {
                return .failure(sudo.refusal(host: host, user: user ?? loginName))
            }
            become = sudo
        } else if let ended = invocation.marker.takeStatus(from: &errorOutput) {
            return .success(CommandOutput(stdout: output, stderr: errorOutput, status: ended))
        }
        let words = Diagnosis(String(decoding: errorOutput, as: UTF8.self)).cause
        return .failure(lost(.failed("\(status): \(words)"), invocation))
    }

    /// Writes the password after sudo's prompt, and the input once the command has started.
    func feed(_ invocation: Invocation, _ conversation: Conversation, _ writer: StandardInputWriter) async {
        for await input in conversation.inputs {
            switch input {
            case .bytes(let bytes): _ = try? await writer.write(bytes)
            case .sudo(.sendPassword):
                guard let password = await conversation.take(becomePassword) else {
                    // sudo gives up without input.
                    try? await writer.finish()
                    return
                }
                _ = try? await writer.write(Array((password + "\n").utf8))
            case .sudo(.ready):
                // The command may end without reading all input; its status is more informative than a broken
                // pipe.
                let input = invocation.command.input
                if !input.isEmpty { _ = try? await writer.write(input) }
                if !conversation.keepsInput { try? await writer.finish() }
            case .sudo(.passwordRefused): break
            }
        }
        try? await writer.finish()
    }

    func hold<Result: Sendable>(
        _ command: Command, _ body: sending (any HeldCommand) async throws -> Result
    ) async throws -> Result {
        guard await gate.enter() else {
            throw RemoteError.cancelled(host: host, operation: command.operation, changes: false)
        }
        defer { gate.leave() }
        return try await holdOpen(invocation(of: command), body)
    }
}

extension SubprocessOutputSequence.Buffer {
    var array: [UInt8] { unsafe withUnsafeBytes { unsafe Array($0) } }
}

extension PlatformOptions {
    /// For processes that may prompt on the terminal: SIGTERM is sent first, so that they can restore the echo.
    static var endingInPeace: PlatformOptions {
        var options = PlatformOptions()
        options.teardownSequence = [.send(signal: .terminate, allowedDurationToNextStep: .seconds(1))]
        return options
    }

    /// For processes without a terminal: a process group of their own, so that neither Ctrl-C nor a closed
    /// terminal ends them in the middle of a change.
    static var apart: PlatformOptions {
        var options = PlatformOptions()
        options.processGroupID = 0
        return options
    }
}
