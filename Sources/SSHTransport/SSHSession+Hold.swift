internal import Reactor
internal import Remote

extension SSHSession {
    /// Starts a held command; its standard input stays open.
    func hold(_ command: Command, password: SharedPassword?, timeout: Duration) async throws(RemoteError)
        -> LibSSH2HeldCommand
    {
        var running = try await start(command, password: password, timeout: timeout)
        running.endsInput = false
        running.isHeld = true
        held = running
        lines = LineBuffer()
        return LibSSH2HeldCommand(session: self)
    }

    /// The next line of the held command's output; `nil` at its end.
    func nextLine(timeout: Duration) async throws(RemoteError) -> String? {
        var deadline = ContinuousClock.now + timeout
        while true {
            if let line = lines.next() { return line }
            guard held != nil else { return nil }
            if held?.isFinished == true { return lines.rest() }
            let progress = try advanceHeld(after: timeout)
            // The bytes just read may contain the line; waiting first would wait for the line after it.
            if let line = lines.next() { return line }
            if case .asked = progress, var running = held {
                deadline += try await givePassword(to: &running)
                held = running
            }
            if lines.count > held?.command.outputLimit ?? 0 { try overflow() }
            guard let running = held else { continue }
            do {
                // In slices, because ``tell(_:)`` reads as well and may consume the edge that this waits for.
                try await waitForMore(progress, until: min(deadline, ContinuousClock.now + .seconds(1)))
            } catch .deadline {
                guard ContinuousClock.now >= deadline else { continue }
                // The session stays usable, because the line may still arrive.
                throw lost(
                    .wait(.deadline), running.operation, changes: running.command.changes, after: timeout)
            } catch {
                abandon()
                throw lost(.wait(error), running.operation, changes: running.command.changes, after: timeout)
            }
        }
    }

    /// Writes a line to the held command. Bytes that the connection does not accept now are sent at the next
    /// edge.
    func tell(_ line: String) throws(RemoteError) {
        guard held?.isFinished == false, held?.hasStarted == true else { return }
        held?.input += Array((line + "\n").utf8)
        _ = try advanceHeld(after: .zero)
    }

    /// Waits for the next edge after all possible bytes were moved.
    private func waitForMore(
        _ progress: Pump?, until deadline: ContinuousClock.Instant
    ) async throws(WaitError) {
        switch progress {
        case .blocked: _ = try await watch.wait(for: .both, until: deadline)
        case .filled:
            if Task.isCancelled { throw .cancelled }
            if ContinuousClock.now >= deadline { throw .deadline }
        default: break
        }
    }

    private func advanceHeld(after timeout: Duration) throws(RemoteError) -> Pump? {
        guard var running = held else { return nil }
        // Taken out of the property during the work, so that its bytes are not copied.
        held = nil
        defer { held = running }
        let pump = try advance(&running, after: timeout)
        lines.append(running.output)
        running.output.removeAll(keepingCapacity: true)
        if case .denied(let error) = pump {
            abandon()
            throw error
        }
        if case .overflowed = pump { try overflow(running) }
        if case .finished = pump, !running.hasStarted { throw refusal(of: running) }
        return pump
    }

    /// Ends a held command with an endless line, or with endless output of sudo before it began.
    private func overflow(_ running: RunningCommand? = nil) throws(RemoteError) {
        guard let running = running ?? held else { return }
        abandon()
        throw overflow(of: running)
    }

    /// Closes the held command's standard input and gives it a moment to end by itself; then the channel is dropped.
    func endHeld() async {
        guard var running = held else { return }
        held = nil
        guard !isBroken else { return }
        running.endsInput = true
        let deadline = ContinuousClock.now + .seconds(2)
        do {
            while !running.isFinished {
                switch try advance(&running, after: .seconds(2)) {
                case .finished: continue
                case .asked, .denied, .overflowed: return abandon()
                case .filled:
                    running.output.removeAll(keepingCapacity: true)
                    // It keeps printing, so the loop never reaches a wait and must check the deadline here.
                    guard ContinuousClock.now < deadline else { return abandon() }
                    continue
                case .blocked: break
                }
                try await wait(until: deadline)
            }
            spent = running.channel
        } catch {
            // It does not react to the end of its input. Closing the connection ends it.
            abandon()
        }
    }
}

/// A remote command that is still running.
struct LibSSH2HeldCommand: HeldCommand {
    let session: SSHSession

    func nextLine(timeout: Duration) async throws(RemoteError) -> String? {
        try await session.nextLine(timeout: timeout)
    }

    func tell(_ line: String) async throws(RemoteError) { try await session.tell(line) }

    func end() async { await session.endHeld() }
}
