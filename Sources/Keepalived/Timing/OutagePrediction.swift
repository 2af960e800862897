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
        /// A weight lifts the successor above the owner, or one of higher priority preempts: the owner serves until it
        /// hears the first advert.
        case handover
        /// Nobody is left who has heard an owner, and the successor waits from the beginning: all nodes are restarted at
        /// once, or the only one is.
        case electionAfterRestart
        /// The same by a reload of what only all nodes together understand, such as another router id.
        case electionAfterReload
    }

    /// How long keepalived's processes stay after they have let go of their addresses: measured of 2.2.7, which ends a
    /// second after it was told to, whatever its configuration.
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
