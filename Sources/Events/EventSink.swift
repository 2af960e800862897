internal import Remote

/// A receiver of events. Emitters do not know the receivers.
///
/// `emit` is called in the middle of a change, on any thread. It must queue the event and return at once, without
/// waiting for a reader, a disk or a terminal. A slow receiver works on a thread of its own.
package protocol EventSink: Sendable {
    func emit(_ event: RunEvent)
}

/// Discards all events.
package struct NoEvents: EventSink {
    package init() {}
    package func emit(_ event: RunEvent) {}
}

/// Passes events on after changing them, for example to hide secrets.
package struct MappedEvents: EventSink {
    private let sink: any EventSink
    private let change: @Sendable (RunEvent) -> RunEvent

    package init(_ sink: any EventSink, _ change: @escaping @Sendable (RunEvent) -> RunEvent) {
        self.sink = sink
        self.change = change
    }

    /// - `rewording`: changes an event's texts.
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
