import Synchronization

/// Tells any number of observers what happens in a run.
///
/// No observer can hold up the run or end it: sinks return at once, and an observer that takes its time has a stream of its
/// own, which drops the oldest events when it is read too slowly.
package final class EventBroadcast: EventSink {
    private struct State {
        var sinks: [any EventSink]
        var streams: [AsyncStream<RunEvent>.Continuation] = []
        var isFinished = false
    }

    private let state: Mutex<State>
    private let dropped = Atomic<Int>(0)

    package init(_ sinks: [any EventSink] = []) { state = Mutex(State(sinks: sinks)) }

    /// How many events observers have missed because they read too slowly.
    package var droppedCount: Int { dropped.load(ordering: .relaxed) }

    package func add(_ sink: any EventSink) { state.withLock { $0.sinks.append(sink) } }

    /// The events from now on, for an observer that reads them at its own pace.
    ///
    /// - `keeping`: how many wait for a slow observer at most.
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
        // Under the lock, so that every observer is told in the same order. Nothing in here waits.
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

    /// The run is over: streams end once their observers have read the rest.
    package func finish() {
        let streams = state.withLock { state in
            state.isFinished = true
            defer { state.streams = [] }
            return state.streams
        }
        for stream in streams { stream.finish() }
    }
}
