import Glibc
import Synchronization

/// The queue of all output, which a thread of its own writes in order.
///
/// Output never holds up a change: a stalled reader (a pager, Ctrl-S), a closed one and a full disk neither delay
/// a step nor end a run. Text that cannot be written is dropped, and ``failure(of:)`` returns why.
final class OutputQueue: Sendable {
    static let shared = OutputQueue()

    /// The most bytes of remarks that wait for a reader; further ones are dropped.
    private static let mostRemarks = 4 << 20

    private let state = Mutex(State())

    private typealias Piece = (text: [UInt8], descriptor: Int32)

    private struct State {
        var waiting: [Piece] = []
        var remarks = 0
        var isWriting = false
        var hasAnswered = false
        var failures: [Int32: Int32] = [:]
        var flushes: [CheckedContinuation<Void, Never>] = []
    }

    /// Whether a part of the answer was queued.
    var hasAnswered: Bool { state.withLock { $0.hasAnswered } }

    /// Whether everything that was queued is written or dropped.
    var isIdle: Bool { state.withLock { !$0.isWriting } }

    /// The code of the first write to a descriptor that failed; `nil` when none did.
    func failure(of descriptor: Int32) -> Int32? { state.withLock { $0.failures[descriptor] } }

    /// Queues a text.
    func put(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        let begins = state.withLock { state in
            if descriptor == STDERR_FILENO {
                guard state.remarks + bytes.count <= Self.mostRemarks else { return false }
                state.remarks += bytes.count
            } else {
                state.hasAnswered = true
            }
            state.waiting.append((bytes, descriptor))
            defer { state.isWriting = true }
            return !state.isWriting
        }
        if begins { startThread { self.drain() } }
    }

    /// Waits until everything that was queued is written or dropped.
    func flush() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if state.isWriting { state.flushes.append(continuation) }
                return !state.isWriting
            }
            if isEmpty { continuation.resume() }
        }
    }

    private func drain() {
        while true {
            let (next, flushes) = state.withLock { state -> ([Piece], [CheckedContinuation<Void, Never>]) in
                guard !state.waiting.isEmpty else {
                    defer { state.flushes = [] }
                    state.isWriting = false
                    return ([], state.flushes)
                }
                defer {
                    state.waiting = []
                    state.remarks = 0
                }
                return (state.waiting, [])
            }
            for flush in flushes { flush.resume() }
            if next.isEmpty { return }
            for (text, descriptor) in next {
                guard let code = Self.write(text, to: descriptor) else { continue }
                state.withLock { if $0.failures[descriptor] == nil { $0.failures[descriptor] = code } }
            }
        }
    }

    /// - Returns: the error number when not everything was written; else `nil`.
    private static func write(_ text: [UInt8], to descriptor: Int32) -> Int32? {
        var rest = text[...]
        while !rest.isEmpty {
            let count = unsafe rest.withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count >= 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                // Another program that shares the terminal or pipe may have made it non-blocking.
                var room = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
                _ = unsafe poll(&room, 1, -1)
            } else if errno != EINTR {
                return errno
            }
        }
        return nil
    }
}
