import Synchronization

/// Sends a run's events to any number of observers.
///
/// No observer can delay or end the run. Sinks return at once; a slow observer reads its own stream, which drops
/// the oldest events when it falls behind.
package final class EventBroadcast: EventSink {
    private struct State {
        var sinks: [any EventSink]
        var streams: [AsyncStream<RunEvent>.Continuation] = []
        var isFinished = false
    }

    private let state: Mutex<State>
    private let dropped = Atomic<Int>(0)

    package init(_ sinks: [any EventSink] = []) { state = Mutex(State(sinks: sinks)) }

    /// The number of events that were dropped because observers read too slowly.
    package var droppedCount: Int { dropped.load(ordering: .relaxed) }

    package func add(_ sink: any EventSink) { state.withLock { $0.sinks.append(sink) } }

    /// The events from now on, for an observer that reads them at its own pace.
    ///
    /// - `keeping`: the most events that wait for a slow observer.
    package func events(keeping: Int = 10_000) -> AsyncStream<RunEvent> {
        let (stream, continuation) = AsyncStream<RunEvent>.makeStream(
            bufferingPolicy: .bufferingNewest(keeping))
        let isFinished = state.withLock { state in
            if !state.isFinished { state.streams.append(continuation) }
            return state.isFinished
        }
        if isFinished { continuation.finish() }
        return stream
    }

    package func emit(_ event: RunEvent) {
        // Under the lock, so that all observers get the events in the same order. Nothing in here blocks.
        state.withLock { state in
            for sink in state.sinks { sink.emit(event) }
            state.streams.removeAll { stream in
                switch stream.yield(event) {
                case .terminated: return true
                case .dropped:
                    dropped.wrappingAdd(1, ordering: .relaxed)
                    return false
                default: return false
                }
            }
        }
    }

    /// Ends the run: streams end once their observers have read the remaining events.
    package func finish() {
        let streams = state.withLock { state in
            state.isFinished = true
            defer { state.streams = [] }
            return state.streams
        }
        for stream in streams { stream.finish() }
    }
}
