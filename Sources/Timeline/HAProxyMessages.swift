import Keepalived

/// haproxy's messages about itself and its servers, releases 1.5 to 3.2 (`src/server.c`, `src/check.c`, `src/mworker.c`).
enum HAProxyMessages {
    static func event(in message: String) -> TimelineEvent.HAProxyEvent? {
        let bytes = Array(withoutLead(message).utf8)[...]
        for (pattern, make) in patterns {
            if let captures = pattern.captures(in: bytes) { return make(captures) }
        }
        return nil
    }

    /// On its standard error a message follows `[WARNING]  (123) : ` or, before 2.4, `[WARNING] 324/085723 (123) : `.
    private static func withoutLead(_ message: String) -> Substring {
        guard message.hasPrefix("["), let end = message.firstRange(of: ") : ") else {
            return Substring(message)
        }
        return message[end.upperBound...]
    }

    private static let patterns: [(MessagePattern, @Sendable ([String]) -> TimelineEvent.HAProxyEvent)] = {
        func entry(
            _ text: String, _ make: @escaping @Sendable ([String]) -> TimelineEvent.HAProxyEvent
        ) -> (MessagePattern, @Sendable ([String]) -> TimelineEvent.HAProxyEvent) {
            (MessagePattern(text), make)
        }
        return [
            entry("Server % is DOWN, reason: %, %") { .serverDown($0[0], reason: $0[1]) },
            entry("Server % is DOWN%") { .serverDown($0[0], reason: nil) },
            entry("Server % is going DOWN%") { .serverDown($0[0], reason: nil) },
            entry("Server % is UP%") { .serverUp($0[0]) },
            // What a program of a service prints is logged beside syslog, with the name in quotes.
            entry("backend '%' has no server available!%") { .noServer(backend: $0[0]) },
            entry("backend % has no server available!%") { .noServer(backend: $0[0]) },
            entry("proxy % has no server available!%") { .noServer(backend: $0[0]) },
            entry("New worker % forked%") { _ in .started },
            entry("Loading success.%") { _ in .started },
            entry("Proxy % started.%") { _ in .started },
            entry("Reexecuting Master process%") { _ in .reloaded },
            entry("Reloading HAProxy%") { _ in .reloaded },
            entry("Exiting Master process%") { _ in .stopping },
            entry("Proxy % stopped (%") { _ in .stopping },
            entry("Current worker % exited with code %") { .workerDied(how: "exit code \($0[1])") },
            entry("Starting % cannot bind socket (%) [%]%") { .cannotBind("\($0[2]): \($0[1])") },
            entry("Starting % cannot bind socket%") { _ in .cannotBind("") },
        ]
    }()
}
