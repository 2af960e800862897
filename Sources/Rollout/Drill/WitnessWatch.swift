import Addresses
import Remote
import Survey
import Synchronization
import Timeline

/// Listens to the kernels, journals and networks of machines over one held session each. Nothing is polled.
struct WitnessWatch: Sendable {
    let targets: [SSHTarget]
    /// The addresses whose announcements are captured.
    let addresses: [IPAddress]
    let transport: any Transport

    /// What the machines have said until now.
    final class Record: Sendable {
        private struct State {
            var events: Set<WitnessEvent> = []
            var capturing: Set<HostID> = []
            var heard: Set<HostID> = []
        }

        /// More than these are not kept.
        private static let most = 50_000
        private let state = Mutex(State())

        /// In the order of their times.
        var events: [WitnessEvent] { state.withLock(\.events).sorted { $0.time < $1.time } }
        /// The machines whose kernels were listened to, even if they told nothing.
        var heard: Set<HostID> { state.withLock(\.heard) }
        /// The machines that captured announcements.
        var capturing: Set<HostID> { state.withLock(\.capturing) }

        fileprivate func add(_ line: String, _ lines: WitnessLines) {
            let event = lines.event(of: line)
            state.withLock { state in
                if line == WitnessScript.ready { state.heard.insert(lines.host) }
                // tcpdump prints this line when it has begun.
                if line.trimmingPrefix("tcpdump: ").hasPrefix("listening on any") {
                    state.capturing.insert(lines.host)
                }
                if let event, event.isOfOwnership, state.events.count < Self.most {
                    state.events.insert(event)
                }
            }
        }
    }

    /// Runs `body` while the machines are listened to.
    func during<Value: Sendable>(_ body: @escaping @Sendable (Record) async -> Value) async -> Value {
        let record = Record()
        return await withTaskGroup(of: Void.self) { group in
            for target in targets { group.addTask { await listen(to: target, record) } }
            let value = await body(record)
            group.cancelAll()
            return value
        }
    }

    /// Without a connection, or without `ip -ts`, less is known, and the drill goes on. A machine that comes back is listened to
    /// again.
    private func listen(to target: SSHTarget, _ record: Record) async {
        var since = "now"
        while !Task.isCancelled {
            try? await listenOnce(to: target, since, record)
            // What was logged meanwhile is read again; what is known already is not counted twice.
            since = "-60s"
            try? await Task.sleep(for: .seconds(1))
        }
    }

    private func listenOnce(to target: SSHTarget, _ since: String, _ record: Record) async throws {
        try await transport.withSession(to: target) { session in
            let clock = try? await ClockComparison.offset(of: session)
            let lines = WitnessLines(host: target.id, clock: (clock ?? nil) ?? ClockOffset())
            var script = WitnessScript(announced: addresses)
            script.since = since
            // A drill is over before.
            script.longest = 1800
            let command = Command(
                script.text, operation: "listen to its kernel and journal", timeout: .seconds(script.longest),
                outputLimit: 64 << 10)
            try await session.hold(command) { held in
                try await withThrowingTaskGroup(of: Void.self) { group in
                    // A machine that was rebooted says so only when it is told something.
                    group.addTask {
                        while !Task.isCancelled {
                            try await held.tell("on")
                            try await Task.sleep(for: .seconds(1))
                        }
                    }
                    group.addTask {
                        while !Task.isCancelled {
                            guard let line = try await held.nextLine(timeout: .seconds(600)) else { break }
                            record.add(line, lines)
                        }
                    }
                    defer { group.cancelAll() }
                    try await group.next()
                }
            }
        }
    }
}

extension WitnessEvent {
    /// Whether a drill's phases are worked out of it.
    fileprivate var isOfOwnership: Bool {
        switch kind {
        case .address, .neighbour, .announcement, .log(.keepalived): true
        case .link, .log: false
        }
    }
}
