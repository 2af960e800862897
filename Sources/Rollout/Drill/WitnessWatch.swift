import Remote
import Survey
import Synchronization
import Timeline

/// Listens to the kernels and journals of machines over one held session each. Nothing is polled.
struct WitnessWatch: Sendable {
    let targets: [SSHTarget]
    let transport: any Transport

    /// What was told until now.
    final class Told: Sendable {
        /// More than these are not kept.
        private static let most = 50_000
        private let state = Mutex<[WitnessEvent]>([])

        var events: [WitnessEvent] { state.withLock { $0 }.sorted { $0.time < $1.time } }

        fileprivate func add(_ event: WitnessEvent) {
            state.withLock { if $0.count < Self.most { $0.append(event) } }
        }
    }

    /// Runs `body` while the machines are listened to.
    func during<Value: Sendable>(_ body: @escaping @Sendable (Told) async -> Value) async -> Value {
        let told = Told()
        return await withTaskGroup(of: Void.self) { group in
            for target in targets { group.addTask { await listen(to: target, told) } }
            let value = await body(told)
            group.cancelAll()
            return value
        }
    }

    /// Without a connection, or without `ip -ts`, less is known, and the drill goes on.
    private func listen(to target: SSHTarget, _ told: Told) async {
        _ = try? await transport.withSession(to: target) { session in
            let clock = try? await ClockComparison.offset(of: session)
            let lines = WitnessLines(host: target.id, clock: (clock ?? nil) ?? ClockOffset())
            let command = Command(
                WitnessScript().text, operation: "listen to its kernel and journal",
                timeout: .seconds(86_400),
                outputLimit: 64 << 10)
            try await session.hold(command) { held in
                while !Task.isCancelled {
                    guard let line = try await held.nextLine(timeout: .seconds(600)) else { break }
                    if let event = lines.event(of: line), event.isOfOwnership { told.add(event) }
                }
            }
        }
    }
}

extension WitnessEvent {
    /// Whether a drill's phases are worked out of it.
    fileprivate var isOfOwnership: Bool {
        switch kind {
        case .address, .neighbour, .log(.keepalived): true
        case .link, .log: false
        }
    }
}
