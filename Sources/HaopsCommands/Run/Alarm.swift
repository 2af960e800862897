import Glibc
import Synchronization

/// Runs an action at a given time on a thread of its own, so that busy threads cannot delay it.
///
/// The action runs even when nothing refers to the alarm any more. Only ``stop()`` prevents it.
final class Alarm: Sendable {
    /// The end of the pipe whose closing stops the alarm; -1 once it is closed.
    private let callOff: Mutex<Int32>

    init(after duration: Duration, _ act: @escaping @Sendable () -> Void) {
        let ends = privatePipe()
        callOff = Mutex(ends.writeEnd)
        let deadline = ContinuousClock.now + duration
        startThread {
            defer {
                close(ends.readEnd)
                self.stop()
            }
            while true {
                let left = ContinuousClock.now.duration(to: deadline)
                guard left > .zero else { return act() }
                // Rounded up: otherwise the loop would spin through the last millisecond.
                let wait = min(left, .seconds(3600)).components
                let milliseconds = wait.seconds * 1000 + wait.attoseconds / 1_000_000_000_000_000 + 1
                var waited = pollfd(fd: ends.readEnd, events: Int16(POLLIN), revents: 0)
                if unsafe poll(&waited, 1, Int32(milliseconds)) > 0 { return }
            }
        }
    }

    /// Stops the alarm. An action that runs already continues.
    func stop() {
        let descriptor = callOff.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        if descriptor >= 0 { close(descriptor) }
    }
}
