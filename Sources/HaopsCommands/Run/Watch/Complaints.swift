import Synchronization

/// What went wrong beside the watch, until there is a place to show it.
final class Complaints: Sendable {
    private let waiting = Mutex<[String]>([])

    @Sendable func add(_ text: String) { waiting.withLock { $0.append(text) } }

    /// What was not shown yet.
    func take() -> [String] {
        waiting.withLock { waiting in
            defer { waiting = [] }
            return waiting
        }
    }
}
