import Events
import Facts
import Remote
import Synchronization
import Timeline

/// What one node tells over a held session, for as long as it is watched. A session that breaks is opened again.
struct NodeStream: Sendable {
    let target: SSHTarget
    let transport: any Transport
    /// Where the journal is begun.
    let since: UTCTime
    let tell: @Sendable (WatchNews) -> Void

    /// The node's script prints a line every second. One that is later than this counts as silence: a node that stops just
    /// after a line is known to be silent within two seconds.
    static let patience = Duration.milliseconds(1800)
    /// After so long without a word the session is given up.
    private static let longestSilence = Duration.seconds(10)
    /// The longest pause between two attempts to reach a node.
    private static let longestPause = Duration.seconds(15)
    private static let operation = "hear from it"

    /// Ends when it is cancelled.
    func run() async {
        var pause = Duration.seconds(1)
        let progress = Mutex(LogProgress(time: since))
        while !Task.isCancelled {
            let began = ContinuousClock.now
            do {
                try await transport.withSession(to: target) { session in
                    try await listen(on: session, progress)
                }
            } catch let error as RemoteError {
                guard !Task.isCancelled, !error.isCancelled else { return }
                tell(.silent(target.id, error))
            } catch {
                return
            }
            // One that was heard for a while is reached at once.
            if began.duration(to: .now) > .seconds(30) { pause = .seconds(1) }
            try? await Task.sleep(for: pause)
            pause = min(pause * 2, Self.longestPause)
        }
    }

    private func listen(on session: any RemoteSession, _ progress: borrowing Mutex<LogProgress>) async throws
    {
        let clock = try await ClockComparison.offset(of: session) ?? ClockOffset()
        let lines = WitnessLines(host: target.id, clock: clock)
        let from = progress.withLock { $0.time.adding(milliseconds: clock.ahead) }
        let script = WitnessScript(watchingSince: "@\(from.millisecondsSince1970 / 1000)")
        let command = Command(
            script.text, operation: Self.operation, timeout: .seconds(86_400 * 365), outputLimit: 64 << 10)
        try await session.hold(command) { held in
            var state = State()
            while true {
                let line: String?
                do {
                    line = try await held.nextLine(
                        timeout: state.isLate ? Self.longestSilence : Self.patience)
                } catch let error as RemoteError where error.isTimeout && !state.isLate {
                    state.isLate = true
                    tell(
                        .silent(
                            target.id,
                            .timedOut(
                                host: target.id, operation: Self.operation, after: Self.patience,
                                changes: false)))
                    continue
                }
                guard let line else {
                    throw RemoteError.connectionLost(
                        host: target.id, operation: Self.operation, cause: "its stream ended", changes: false)
                }
                if state.isLate || !state.isHeard {
                    (state.isLate, state.isHeard) = (false, true)
                    tell(.heard(target.id))
                }
                hear(line, lines, &state, progress)
            }
        }
    }

    /// What belongs to lines that follow.
    private struct State {
        var isHeard = false
        var isLate = false
        /// The addresses at the beginning; `nil` once they are complete.
        var addresses: [WitnessEvent]? = []
        /// Rows of haproxy's servers.
        var servers: [String] = []
    }

    /// More lines than these are no answer of haproxy's.
    private static let mostServers = 5000

    private func hear(
        _ line: String, _ lines: WitnessLines, _ state: inout State, _ progress: borrowing Mutex<LogProgress>
    ) {
        switch line {
        case WitnessScript.beat: return
        case WitnessScript.pending: return tell(.pending(target.id))
        case WitnessScript.ready:
            // An empty list says that `ip` is missing.
            if let addresses = state.addresses, !addresses.isEmpty {
                tell(.addresses(target.id, addresses))
            }
            state.addresses = nil
            return
        case WitnessScript.servers:
            defer { state.servers = [] }
            let output = SectionOutput(state.servers.joined(separator: "\n"))
            if let health = try? HAProxyHealthFact(readsLog: false).parse(output) {
                tell(.servers(target.id, health))
            }
            return
        case _ where line.hasPrefix(HAProxyHealthFact.rowMark):
            if state.servers.count < Self.mostServers { state.servers.append(line) }
            return
        default: break
        }
        guard let event = lines.event(of: line) else { return }
        switch event.kind {
        case .log:
            let time = UTCTime(millisecondsSince1970: event.time / 1000)
            let isKnown = progress.withLock { progress in
                defer { progress.add(line, of: time) }
                return progress.includes(line, of: time)
            }
            if !isKnown { tell(.told(event)) }
        case .address, .link, .neighbour, .announcement:
            if event.time == 0, state.addresses != nil {
                state.addresses?.append(event)
            } else {
                tell(.told(event))
            }
        }
    }
}
