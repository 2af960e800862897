internal import Remote

/// Where events go. Whoever emits them does not know who listens, nor whether anybody does.
///
/// `emit` is called in the middle of a change, on any thread: it hands the event over and returns at once. It waits for no
/// reader, no disk and no terminal. Who cannot promise that listens to ``EventBroadcast/events(keeping:)`` instead.
package protocol EventSink: Sendable {
    func emit(_ event: RunEvent)
}

/// Nobody listens.
package struct NoEvents: EventSink {
    package init() {}
    package func emit(_ event: RunEvent) {}
}

/// Passes events on after changing them: a mask that hides secrets, for one.
package struct MappedEvents: EventSink {
    private let sink: any EventSink
    private let change: @Sendable (RunEvent) -> RunEvent

    package init(_ sink: any EventSink, _ change: @escaping @Sendable (RunEvent) -> RunEvent) {
        self.sink = sink
        self.change = change
    }

    /// - `rewording`: changes what an event says in words.
    package init(_ sink: any EventSink, rewording: @escaping @Sendable (String) -> String) {
        self.init(sink) { event in
            var event = event
            event.message = rewording(event.message)
            event.hint = event.hint.map(rewording)
            event.error = event.error?.reworded(rewording)
            return event
        }
    }

    package func emit(_ event: RunEvent) { sink.emit(change(event)) }
}
