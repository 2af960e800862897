import Remote
import Survey

extension SurveyContext {
    /// A survey of this run over an open transport, with the console's observers.
    init(_ transport: any Transport, _ connection: ConnectionFlags, _ console: Console) {
        self.init(
            transport: transport, window: connection.parallel, events: console.events,
            cancellationEnds: { Interrupts.endsQuestions })
    }
}
