import Keepalived

/// systemd's messages about the services that matter.
///
/// Their words are those of `src/core/service.c`, `unit.c` and `job.c`, releases 208 to 257: a started unit is named by its
/// description, since release 249 also by its name.
enum ServiceMessages {
    static func kind(of message: String) -> TimelineEvent.Kind? {
        if MachineMessages.goesDown(message) { return .machine(.goesDown) }
        if MachineMessages.hasBooted(message) { return .machine(.booted) }
        guard let service = service(in: message), let event = event(in: message) else { return nil }
        return .service(service, event)
    }

    private static let names: [(text: String, service: TimelineEvent.Service)] = [
        ("keepalived.service", .keepalived), ("Keepalive Daemon", .keepalived),
        ("LVS and VRRP High Availability Monitor", .keepalived),
        ("haproxy.service", .haproxy), ("HAProxy Load Balancer", .haproxy),
        ("systemd-networkd.service", .network), ("NetworkManager.service", .network),
        ("networking.service", .network), ("network.service", .network),
    ]

    private static func service(in message: String) -> TimelineEvent.Service? {
        // What a service prints may quote these words, so they are looked for near the start only.
        let start = String(message.prefix(100))
        return names.first { start.contains($0.text) }?.service
    }

    private static let patterns: [(MessagePattern, @Sendable ([String]) -> TimelineEvent.ServiceEvent)] = {
        func entry(
            _ text: String, _ make: @escaping @Sendable ([String]) -> TimelineEvent.ServiceEvent
        ) -> (MessagePattern, @Sendable ([String]) -> TimelineEvent.ServiceEvent) {
            (MessagePattern(text), make)
        }
        return [
            entry("Starting %") { _ in .starting }, entry("Started %") { _ in .started },
            entry("Stopping %") { _ in .stopping }, entry("Stopped %") { _ in .stopped },
            entry("Reloading %") { _ in .reloading },
            entry("Failed to start %") { _ in .failed(result: "it did not start") },
            entry("%: %ain process exited, code=killed, status=%/%") { .killed(signal: $0[3]) },
            entry("%: %ain process exited, code=dumped, status=%/%") { .killed(signal: $0[3]) },
            entry("%: %ain process exited, code=exited, status=%") { .exited(status: $0[2]) },
            entry("%: A process of this unit has been killed by the OOM killer.") { _ in
                .failed(result: "out of memory")
            },
            entry("%: Failed with result '%'.") { .failed(result: $0[1]) },
            entry("Unit % entered failed state%") { _ in .failed(result: nil) },
            entry("%: Scheduled restart job%") { _ in .restartScheduled },
            entry("%holdoff time over, scheduling restart%") { _ in .restartScheduled },
        ]
    }()

    private static func event(in message: String) -> TimelineEvent.ServiceEvent? {
        let bytes = Array(message.utf8)[...]
        for (pattern, make) in patterns {
            if let captures = pattern.captures(in: bytes) { return make(captures) }
        }
        return nil
    }
}

/// Messages that a machine goes down, or has come up.
enum MachineMessages {
    private static let words = [
        "System is rebooting", "System is powering down", "System is powering off", "The system will reboot",
        "The system will power off", "Reached target Shutdown", "Reached target shutdown.target",
        "Shutting down.", "Power key pressed", "shutting down for system", "Switching to runlevel: 0",
        "Switching to runlevel: 6", "Sending SIGTERM to remaining processes",
    ]

    /// The first words of a systemd that has just been started, also in a container, which has no kernel of its own; and of
    /// `systemd-update-utmp.service`, one of the first at a boot.
    static func hasBooted(_ message: String) -> Bool {
        message.hasPrefix("systemd ") && message.contains(" running in system mode")
            || message.hasPrefix("Starting ") && message.contains("System Boot/Shutdown")
    }

    static func goesDown(_ message: String) -> Bool { words.contains { message.hasPrefix($0) } }
}
