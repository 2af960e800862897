/// How long an address answers nobody while it moves from one node to another.
package struct OutagePrediction: Hashable, Sendable {
    /// What the owner goes through.
    package enum Event: Hashable, Sendable {
        /// keepalived is stopped or restarted, or goes to FAULT: it says so with priority 0.
        case stop
        /// The machine or its link dies without a word.
        case kill
        /// A reload that keeps the addresses.
        case reload
        /// A weight lifts the successor above the owner, which serves until it hears the first advert.
        case handover
    }

    package var shortest: Duration
    package var longest: Duration

    package init(shortest: Duration, longest: Duration) {
        self.shortest = shortest
        self.longest = longest
    }

    /// Predicts one move.
    ///
    /// - `successor`: the waiting time of the node that takes over, with its priority at that time.
    package init(of event: Event, successor: MasterDownTime) {
        switch event {
        case .stop:
            self.init(shortest: successor.skew, longest: successor.skew)
        case .kill:
            // The last advert may be up to one interval old when its sender dies.
            self.init(
                shortest: successor.value - successor.advertInterval, longest: successor.value)
        case .reload, .handover:
            self.init(shortest: .zero, longest: .zero)
        }
    }
}
