/// Tells several listeners what happens in a run, each event to all of them before ``emit(_:)`` returns.
package struct EventBroadcast: EventSink {
    private let listeners: [any EventSink]

    package init(_ listeners: [any EventSink]) { self.listeners = listeners }

    package func emit(_ event: RunEvent) {
        for listener in listeners { listener.emit(event) }
    }
}
