internal import Reactor
internal import Remote

extension SSHSession {
    /// Starts a command that stays, its standard input open.
    func hold(_ command: Command, password: SharedPassword?, timeout: Duration) async throws(RemoteError)
        -> LibSSH2HeldCommand
    {
        var running = try await start(command, password: password, timeout: timeout)
        running.endsInput = false
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
            // What was just read may hold the line; waiting first would wait for the line after it.
            if let line = lines.next() { return line }
            if case .asked = progress, var running = held {
                deadline += try await givePassword(to: &running)
                held = running
            }
            guard case .blocked = progress, let running = held else { continue }
            do {
                // In slices: ``tell(_:)`` reads as well, and may have taken the edge that this waits for.
                _ = try await watch.wait(for: .both, until: min(deadline, ContinuousClock.now + .seconds(1)))
            } catch .deadline {
                guard ContinuousClock.now >= deadline else { continue }
                // The line may yet come: nothing is broken by not waiting for it any longer.
                throw lost(
                    .wait(.deadline), running.operation, changes: running.command.changes, after: timeout)
            } catch {
                abandon()
                throw lost(.wait(error), running.operation, changes: running.command.changes, after: timeout)
            }
        }
    }

    /// Gives the held command a line to read. What the connection does not take now goes with the next edge.
    func tell(_ line: String) throws(RemoteError) {
        guard held?.isFinished == false, held?.hasStarted == true else { return }
        held?.input += Array((line + "\n").utf8)
        _ = try advanceHeld(after: .zero)
    }

    private func advanceHeld(after timeout: Duration) throws(RemoteError) -> Pump? {
        guard var running = held else { return nil }
        // Moved out while it is worked on, so that its bytes are not copied.
        held = nil
        defer { held = running }
        let pump = try advance(&running, after: timeout)
        lines.append(running.output)
        running.output.removeAll(keepingCapacity: true)
        if case .denied(let error) = pump {
            abandon()
            throw error
        }
        if case .finished = pump, !running.hasStarted { throw refusal(of: running) }
        return pump
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
                case .asked, .denied: return abandon()
                case .blocked: break
                }
                running.output = []
                running.errorOutput = []
                try await wait(until: deadline)
            }
            spent = running.channel
        } catch {
            // It does not listen: the closing of the connection ends its input for good.
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
