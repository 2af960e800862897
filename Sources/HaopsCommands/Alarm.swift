import Glibc
import Synchronization

/// Does something when its time has come, on a thread of its own: however busy all the others are with computations.
///
/// It rings whether or not anybody still holds it, unless it is stopped.
final class Alarm: Sendable {
    /// The end of the pipe whose closing calls it off; -1 once it was.
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
                // Rounded up, so that nobody spins through the last millisecond.
                let wait = min(left, .seconds(3600)).components
                let milliseconds = wait.seconds * 1000 + wait.attoseconds / 1_000_000_000_000_000 + 1
                var waited = pollfd(fd: ends.readEnd, events: Int16(POLLIN), revents: 0)
                if unsafe poll(&waited, 1, Int32(milliseconds)) > 0 { return }
            }
        }
    }

    /// It is not wanted any more; one that rings already is not stopped.
    func stop() {
        let descriptor = callOff.withLock { descriptor in
            defer { descriptor = -1 }
            return descriptor
        }
        if descriptor >= 0 { close(descriptor) }
    }
}
