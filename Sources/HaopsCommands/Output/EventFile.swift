import Events
import FoundationEssentials
import Glibc
import Remote

/// The file of `--events`: one JSON object a line (docs/Events.md), written as events happen by a thread of its
/// own.
///
/// A slow disk or pipe reader does not delay the run.
final class EventFile: EventSink {
    private let path: String
    private let descriptor: Int32
    private let queue = OutputQueue()

    /// How long the end of the run waits for events that are not written yet.
    private static let patience = Duration.seconds(5)

    /// Opens the file; creates it with mode 0600 when it does not exist.
    ///
    /// - Throws: ``Failure`` when the file cannot be written.
    init(appendingTo path: String) throws {
        self.path = path
        // Non-blocking: a pipe may never get a reader.
        descriptor = unsafe open(
            path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NONBLOCK | O_NOCTTY, 0o600)
        guard descriptor >= 0 else {
            let reason = errno == ENXIO ? "nobody reads this pipe" : unsafe String(cString: strerror(errno))
            throw Failure(
                .usage, "--events: cannot write `\(path)`: \(reason)", hint: "nothing was begun")
        }
    }

    func emit(_ event: RunEvent) { queue.put(event.document.jsonOnOneLine + "\n", to: descriptor) }

    /// Waits until all events are written, and prints an error when they could not be.
    ///
    /// - Returns: whether all events are in the file.
    @discardableResult
    func close(_ console: Console) async -> Bool {
        let deadline = ContinuousClock.now + Self.patience
        while !queue.isIdle, ContinuousClock.now < deadline { try? await Task.sleep(for: .milliseconds(5)) }
        // The thread may still be writing, so the descriptor stays open.
        guard queue.isIdle else {
            console.error("--events: `\(path)` does not take what is written")
            return false
        }
        let code = queue.failure(of: descriptor)
        Glibc.close(descriptor)
        guard let code else { return true }
        console.error("--events: cannot write `\(path)`: \(unsafe String(cString: strerror(code)))")
        return false
    }
}

extension RunEvent {
    var document: OutputValue { OutputEncoder().encode(EventDocument(self)) }
}

/// The members of docs/Events.md. New ones may come, none goes.
struct EventDocument: Codable {
    var schemaVersion = 1
    var time: String
    var run: String
    var verb: String
    var cluster: String?
    var node: String?
    @Word<RunEvent.Stage> var stage: String
    @Word<RunEvent.Phase> var phase: String
    var durationMs: Int?
    var message: String
    var hint: String?
    var nodes: Int?

    init(_ event: RunEvent) {
        time = event.time.iso8601
        run = event.run.text
        verb = event.verb
        cluster = event.cluster
        node = event.node?.name
        stage = event.stage.rawValue
        phase = event.phase.rawValue
        durationMs = event.duration?.milliseconds
        message = event.message
        hint = event.hint
        nodes = event.nodes
    }

    static var schema: JSONSchema { .of(Self.self) }
}

extension Duration {
    var milliseconds: Int {
        Int(components.seconds) * 1000 + Int(components.attoseconds / 1_000_000_000_000_000)
    }
}
