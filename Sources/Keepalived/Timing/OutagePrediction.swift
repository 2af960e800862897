/// How long an address is without service while it moves from one node to another.
package struct OutagePrediction: Hashable, Sendable {
    /// What happens to the owner.
    package enum Event: Hashable, Sendable {
        /// keepalived is stopped or restarted, or goes to FAULT, and sends priority 0.
        case stop
        /// The machine or its link fails without an advert of priority 0.
        case kill
        /// A reload that keeps the addresses.
        case reload
        /// A weight raises the successor above the owner, or a node of higher priority preempts: the owner serves
        /// until it receives the first advert.
        case handover
        /// No node has received an owner's advert, and the successor waits for its full time: all nodes are
        /// restarted at once, or the only node is.
        case electionAfterRestart
        /// The same after a reload that breaks compatibility between old and new configurations, such as another
        /// router id.
        case electionAfterReload
    }

    /// How long keepalived's processes run after they have removed their addresses. Measured with 2.2.7, which
    /// ends one second after the signal with any configuration.
    package static let farewell = Duration.seconds(1)

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
        case .electionAfterRestart:
            let silence = Self.farewell + successor.value
            self.init(shortest: silence, longest: silence)
        case .electionAfterReload:
            self.init(shortest: successor.value, longest: successor.value)
        }
    }
}
