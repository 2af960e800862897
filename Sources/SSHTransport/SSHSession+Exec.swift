internal import Reactor
internal import Remote

/// A running remote command: its channel, its output, and its remaining input.
struct RunningCommand {
    let channel: ChannelHandle
    let command: Command
    var output: [UInt8] = []
    var errorOutput: [UInt8] = []
    /// The bytes for standard input; those from `sent` on are still to be written.
    var input: [UInt8] = []
    var sent = 0
    /// Close standard input once everything is sent.
    var endsInput = true
    var inputEnded = false
    /// The dialogue with sudo, if the command runs through sudo.
    var become: BecomeDialogue?
    var password: SharedPassword?
    /// Whether sudo waits for the password.
    var wantsPassword = false
    /// Set for the first command that uses the password.
    var trial: SharedPassword.Trial?
    /// The call that left half a packet unsent: it must be completed before any other call.
    var unfinished: Operation?
    var isFinished = false
    /// Whether the command is held: its output is consumed line by line, and its standard error is not kept.
    var isHeld = false

    enum Operation: Hashable { case readOutput, readError, feed }

    /// Whether standard input goes to the command itself and not to sudo.
    var hasStarted: Bool { become?.isReady ?? true }

    /// The output limit, if the command has exceeded it.
    var passedLimit: Int? {
        if let become, become.early.count > BecomeDialogue.longestPreamble {
            return BecomeDialogue.longestPreamble
        }
        return !isHeld && output.count + errorOutput.count > command.outputLimit ? command.outputLimit : nil
    }

    /// The operation's name, with sudo's last line while sudo has not started the command.
    var operation: String {
        guard let words = become?.lastWords else { return command.operation }
        return "\(command.operation) (sudo said: \(words))"
    }
}

extension SSHSession {
    /// The result of moving a command's bytes without waiting.
    enum Pump {
        case finished
        /// Nothing can be moved until the next edge.
        case blocked
        /// Nothing can be moved until sudo gets the password.
        case asked
        /// The output limit was exceeded.
        case overflowed
        /// A held command has printed something, which must be consumed before more is read.
        case filled
        case denied(RemoteError)
    }

    private enum Moved {
        case something
        case tooMuch
        case nothing(Readiness)
        case denied(RemoteError)
    }

    /// Moves bytes both ways until nothing more can be moved. Output is read as it arrives and input is written
    /// as the window allows, so that neither side waits for the other.
    func pump(_ running: inout RunningCommand) throws(SSHFailure) -> Pump {
        guard !isClosed else { throw SSHFailure(code: 0, message: "the session is closed") }
        if let operation = running.unfinished {
            switch try perform(operation, &running) {
            case .denied(let error): return .denied(error)
            case .tooMuch: return .overflowed
            case .nothing(let directions) where directions.contains(.writable): return .blocked
            case .nothing, .something: running.unfinished = nil
            }
        }
        while true {
            if running.wantsPassword { return .asked }
            var moved = false
            for operation in [RunningCommand.Operation.readOutput, .readError, .feed] {
                switch try perform(operation, &running) {
                case .something: moved = true
                case .denied(let error): return .denied(error)
                case .tooMuch: return .overflowed
                case .nothing(let directions) where directions.contains(.writable):
                    running.unfinished = operation
                    return .blocked
                case .nothing: break
                }
            }
            // A held command that prints without end must not keep the session from checking its deadline.
            if moved, running.isHeld { return .filled }
            if moved { continue }
            // Both streams are at their end. A command may close them early and still read input, so only the
            // closing of the channel ends it.
            if running.channel.isAtEnd {
                if case .done = try running.channel.waitClosed(on: handle) {
                    running.isFinished = true
                    return .finished
                }
            }
            return .blocked
        }
    }

    private func perform(_ operation: RunningCommand.Operation, _ running: inout RunningCommand)
        throws(SSHFailure) -> Moved
    {
        switch operation {
        case .readOutput: try read(.output, &running)
        case .readError: try read(.error, &running)
        case .feed: try feed(&running)
        }
    }

    /// One read of at most 64 KiB. The buffer exists only during this call, so that idle sessions hold none.
    private func read(_ stream: ChannelHandle.Stream, _ running: inout RunningCommand) throws(SSHFailure)
        -> Moved
    {
        var received: [UInt8] = []
        let channel = running.channel
        let step = unsafe try withTemporaryBytes(65536) { (buffer) throws(SSHFailure) -> Step<Int> in
            let step = unsafe try channel.read(stream, into: buffer, on: handle)
            guard case .done(let count) = step, count > 0 else { return step }
            let bytes = unsafe UnsafeRawBufferPointer(rebasing: buffer[..<count])
            if stream == .output {
                unsafe running.output.append(contentsOf: bytes)
            } else if running.become == nil {
                unsafe running.errorOutput.append(contentsOf: bytes)
            } else {
                received = unsafe Array(bytes)
            }
            return step
        }
        switch step {
        case .wouldBlock(let directions): return .nothing(directions)
        case .done(0): return .nothing(.readable)
        case .done: break
        }
        for action in running.become?.receive(received, output: &running.errorOutput) ?? [] {
            switch action {
            case .sendPassword:
                guard running.password != nil else { return .denied(refusal(of: running)) }
                running.wantsPassword = true
            case .ready:
                running.trial?.accepted()
                running.input = running.command.input
                running.sent = 0
            case .passwordRefused:
                running.trial?.refused(by: "`\(host)`")
                return .denied(BecomeDialogue.passwordRefused(host: host))
            }
        }
        // The standard error of a held command is not used.
        if running.isHeld { running.errorOutput.removeAll(keepingCapacity: true) }
        return running.passedLimit == nil ? .something : .tooMuch
    }

    private func feed(_ running: inout RunningCommand) throws(SSHFailure) -> Moved {
        if running.sent < running.input.count {
            let channel = running.channel
            let step = unsafe try running.input.withBytes(from: running.sent) { (bytes) throws(SSHFailure) in
                unsafe try channel.write(bytes, on: handle)
            }
            switch step {
            case .wouldBlock(let directions): return .nothing(directions)
            case .done(let count):
                running.sent += count
                return count > 0 ? .something : .nothing(.readable)
            }
        }
        guard running.endsInput, !running.inputEnded, running.hasStarted else { return .nothing(.readable) }
        if case .wouldBlock(let directions) = try running.channel.sendEOF(on: handle) {
            return .nothing(directions)
        }
        running.inputEnded = true
        return .something
    }

    /// Why sudo did not run the command.
    func refusal(of running: RunningCommand) -> RemoteError {
        running.become?.refusal(host: host, user: hop.user)
            ?? .privilegeDenied(host: host, cause: "not root", hint: nil)
    }

    // MARK: - Starting and ending

    /// Opens a channel and requests the command, which has been sent when this returns.
    ///
    /// - Throws: ``RemoteError``, with a known outcome when nothing was sent.
    func start(_ command: Command, password: SharedPassword?, timeout: Duration) async throws(RemoteError)
        -> RunningCommand
    {
        let deadline = ContinuousClock.now + timeout
        guard !isBroken else {
            throw .connectionLost(
                host: host, operation: command.operation, cause: "the session is over", changes: false)
        }
        // After the request the script may have begun, even without sudo's ready line, which may be lost with the
        // connection.
        var asked = false
        do {
            if let spent {
                try await drive(until: deadline) { () throws(SSHFailure) in try spent.free(on: handle) }
                self.spent = nil
            }
            let channel = try await drive(until: deadline) { () throws(SSHFailure) in
                try handle.openSession()
            }
            var running = RunningCommand(channel: channel, command: command)
            let line: String
            if command.privileged, hop.user != "root" {
                let dialogue = BecomeDialogue(withPassword: password != nil)
                line = dialogue.commandLine(for: command.script)
                running.become = dialogue
                running.password = password
            } else {
                line = "exec /bin/sh -c \(command.script.shellQuoted)"
                running.input = command.input
            }
            asked = true
            try await drive(until: deadline) { () throws(SSHFailure) in
                try channel.exec(line, on: handle)
            }
            return running
        } catch {
            throw lost(error, command.operation, changes: asked && command.changes, after: timeout)
        }
    }

    /// The error for a command that did not run to its end.
    func lost(_ interruption: Interruption, _ operation: String, changes: Bool, after timeout: Duration)
        -> RemoteError
    {
        switch interruption {
        case .wait(.deadline):
            .timedOut(host: host, operation: operation, after: timeout, changes: changes)
        case .wait(.cancelled): .cancelled(host: host, operation: operation, changes: changes)
        case .wait(.closed), .ssh:
            .connectionLost(host: host, operation: operation, cause: interruption.cause, changes: changes)
        }
    }

    /// Runs a command to its end. A non-zero exit is a result, not an error.
    func run(_ command: Command, password: SharedPassword?, timeout: Duration) async throws(RemoteError)
        -> CommandOutput
    {
        var deadline = ContinuousClock.now + timeout
        var running = try await start(command, password: password, timeout: timeout)
        while true {
            switch try advance(&running, after: timeout) {
            case .finished: return try finish(running)
            case .denied(let error):
                abandon()
                throw error
            case .asked: deadline += try await givePassword(to: &running)
            case .filled: continue
            case .overflowed: return try cutOff(running)
            case .blocked: try await pause(running, until: deadline, after: timeout)
            }
        }
    }

    /// Answers sudo's prompt as soon as the password may be used here.
    ///
    /// - Returns: how long that took; it does not count for the command's time limit.
    func givePassword(to running: inout RunningCommand) async throws(RemoteError) -> Duration {
        let begin = ContinuousClock.now
        running.wantsPassword = false
        let turn = await running.password?.turn() ?? .missing
        let password: String
        switch turn {
        case .proven(let proven): password = proven
        case .trial(let untried, let trial):
            password = untried
            running.trial = trial
        case .refused(let machine):
            abandon()
            throw BecomeDialogue.passwordRefused(host: host, by: machine)
        case .missing:
            abandon()
            throw .cancelled(host: host, operation: running.operation, changes: false)
        }
        running.input = Array((password + "\n").utf8)
        running.sent = 0
        return begin.duration(to: .now)
    }

    /// ``pump(_:)`` with its failure as a ``RemoteError``.
    func advance(_ running: inout RunningCommand, after timeout: Duration) throws(RemoteError) -> Pump {
        do {
            return try pump(&running)
        } catch {
            abandon()
            throw lost(.ssh(error), running.operation, changes: running.command.changes, after: timeout)
        }
    }

    /// ``wait(until:)`` with its failure as a ``RemoteError``.
    func pause(
        _ running: RunningCommand, until deadline: ContinuousClock.Instant, after timeout: Duration
    ) async throws(RemoteError) {
        do {
            try await wait(until: deadline)
        } catch {
            throw lost(error, running.operation, changes: running.command.changes, after: timeout)
        }
    }

    /// Ends a command that exceeded its output limit, and its connection: closing only the channel would require
    /// reading all remaining output first.
    ///
    /// - Throws: of kind ``RemoteError/Kind/overflowed(_:)``, unless what fits is wanted.
    func cutOff(_ running: RunningCommand) throws(RemoteError) -> CommandOutput {
        close()
        guard running.hasStarted else { throw overflow(of: running) }
        return try running.command.overflowed(
            host: host, stdout: running.output, stderr: running.errorOutput)
    }

    /// The error for a command that exceeded its output limit.
    func overflow(of running: RunningCommand) -> RemoteError {
        .overflowed(
            host: host, operation: running.operation,
            limit: running.passedLimit ?? running.command.outputLimit, changes: running.command.changes)
    }

    /// The output and status of a finished command.
    func finish(_ running: RunningCommand) throws(RemoteError) -> CommandOutput {
        let status = running.channel.exitStatus(on: handle)
        spent = running.channel
        guard running.hasStarted else { throw refusal(of: running) }
        return CommandOutput(stdout: running.output, stderr: running.errorOutput, status: status)
    }
}

/// Lends uninitialised memory, on the heap when it is large.
func withTemporaryBytes<Value>(
    _ count: Int, _ body: (UnsafeMutableRawBufferPointer) throws(SSHFailure) -> Value
) throws(SSHFailure) -> Value {
    let result = unsafe withUnsafeTemporaryAllocation(byteCount: count, alignment: 16) { buffer in
        Result { () throws(SSHFailure) in unsafe try body(buffer) }
    }
    return try result.get()
}

extension [UInt8] {
    func withBytes<Value>(from start: Int, _ body: (UnsafeRawBufferPointer) throws(SSHFailure) -> Value)
        throws(SSHFailure) -> Value
    {
        let result = unsafe withUnsafeBytes { bytes in
            Result { () throws(SSHFailure) in
                unsafe try body(UnsafeRawBufferPointer(rebasing: bytes[start...]))
            }
        }
        return try result.get()
    }
}

extension Command {
    /// The result of exceeding ``outputLimit``: an error, or the truncated output, by ``overflow``.
    ///
    /// - Throws: of kind ``RemoteError/Kind/overflowed(_:)``, unless what fits is wanted.
    func overflowed(host: HostID, stdout: [UInt8], stderr: [UInt8]) throws(RemoteError) -> CommandOutput {
        guard overflow == .cuts else {
            throw .overflowed(host: host, operation: operation, limit: outputLimit, changes: changes)
        }
        let errors = stderr.prefix(outputLimit)
        return CommandOutput(
            stdout: Array(stdout.prefix(outputLimit - errors.count)), stderr: Array(errors),
            status: .cut(at: outputLimit))
    }
}
