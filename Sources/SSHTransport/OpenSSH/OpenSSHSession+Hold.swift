internal import Remote
internal import Subprocess
internal import Synchronization

extension OpenSSHSession {
    func holdOpen<Result: Sendable>(
        _ invocation: Invocation, _ body: sending (any HeldCommand) async throws -> Result
    ) async throws -> Result {
        let limit = invocation.command.outputLimit
        let conversation = Conversation(
            invocation.become, host: host, outputLimit: limit, keepsInput: true)
        let lines = LineStream(limit: limit)
        let run = try await Subprocess.run(
            .name("ssh"), arguments: Arguments(invocation.arguments), platformOptions: .apart,
            input: .inputWriter, output: .sequence, error: .sequence
        ) { execution -> Result in
            let writer = execution.standardInputWriter
            async let heard: Void = listen(execution.standardError, conversation)
            async let read: Void = lines.fill(from: execution.standardOutput)
            async let fed: Void = feed(invocation, conversation, writer)
            let held = OpenSSHHeldCommand(
                session: self, lines: lines, conversation: conversation, invocation: invocation)
            do {
                let result = try await body(held)
                // Closing its input ends a command that waits for that. A moment later ssh is killed.
                conversation.end()
                await fed
                _ = await timed(.seconds(2)) { await lines.finished() }
                await execution.teardown(using: [])
                _ = await (heard, read)
                return result
            } catch {
                conversation.end()
                await execution.teardown(using: [])
                throw error
            }
        }
        return run.closureResult
    }
}

private func listen(_ sequence: SubprocessOutputSequence, _ conversation: Conversation) async {
    do {
        for try await buffer in sequence where !conversation.receive(buffer.array) { break }
    } catch {
        // An error while reading is treated as the end of the stream.
    }
    if conversation.denial != nil || conversation.passedLimit != nil { conversation.end() }
}

/// Passes lines from one reader to one consumer.
final class LineStream: Sendable {
    private let state = Mutex(LineBuffer())
    private let isOver = Mutex(false)
    /// The most bytes that wait for the consumer.
    private let limit: Int
    private let overflown = Mutex(false)
    /// Whether reading stopped because more than ``limit`` bytes waited.
    var hasOverflowed: Bool { overflown.withLock { $0 } }
    private let changes: AsyncStream<Void>
    private let change: AsyncStream<Void>.Continuation

    init(limit: Int) {
        self.limit = limit
        (changes, change) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    func fill(from sequence: SubprocessOutputSequence) async {
        do {
            for try await buffer in sequence {
                let waiting = state.withLock { lines in
                    lines.append(buffer.array)
                    return lines.count
                }
                if waiting > limit {
                    overflown.withLock { $0 = true }
                    break
                }
                change.yield()
            }
        } catch {
            // As above.
        }
        isOver.withLock { $0 = true }
        change.finish()
    }

    /// The next line; `nil` at the end of the stream.
    func next() async -> String? {
        while true {
            if let line = state.withLock({ $0.next() }) { return line }
            if isOver.withLock({ $0 }) {
                return state.withLock { $0.next() ?? (hasOverflowed ? nil : $0.rest()) }
            }
            var iterator = changes.makeAsyncIterator()
            _ = await iterator.next(isolation: nil)
            if Task.isCancelled { return nil }
        }
    }

    func finished() async { while await next() != nil {} }
}

/// A command of the system's ssh that is still running.
struct OpenSSHHeldCommand: HeldCommand {
    let session: OpenSSHSession
    let lines: LineStream
    let conversation: Conversation
    let invocation: OpenSSHSession.Invocation

    func tell(_ line: String) async throws(RemoteError) { conversation.write(Array((line + "\n").utf8)) }

    func nextLine(timeout: Duration) async throws(RemoteError) -> String? {
        let before = conversation.waited
        switch await timed(timeout, excused: { conversation.waited - before }, { await lines.next() }) {
        case .success(let line?): return line
        case .success(nil):
            // The end of output is regular only if the end marker was received.
            var (_, errorOutput, become) = conversation.outcome
            if lines.hasOverflowed || conversation.passedLimit != nil {
                throw session.overflow(conversation, invocation)
            }
            if let denial = conversation.denial { throw denial }
            if Task.isCancelled { throw session.lost(.cancelled, invocation) }
            if var sudo = become, !sudo.isReady {
                _ = invocation.marker.takeStatus(from: &sudo.early)
                throw sudo.refusal(host: session.host, user: session.user ?? loginName)
            }
            if invocation.marker.takeStatus(from: &errorOutput) != nil { return nil }
            throw session.lost(
                .failed(Diagnosis(String(decoding: errorOutput, as: UTF8.self)).cause), invocation)
        case .failure(.deadline):
            throw .timedOut(
                host: session.host, operation: invocation.command.operation, after: timeout,
                changes: invocation.command.changes)
        case .failure(let why): throw session.lost(why, invocation)
        }
    }
}
