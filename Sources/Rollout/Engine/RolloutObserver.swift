package import Remote

/// Is told what a run does while it does it. Printing is its business.
package protocol RolloutObserver: Sendable {
    func observe(_ event: RolloutEvent) async
}

/// Something that begins or ended. ``node`` is `nil` for what concerns the whole cluster.
package struct RolloutEvent: Sendable {
    package enum Stage: String, Sendable {
        case lock, install, stage, validate, handOver, change, verify, extend, confirm, giveBack, restore,
            standDown,
            clean
    }
    package enum Phase: Sendable {
        case begins
        case waits(String)
        case ends
        case fails(String)
    }

    package var node: HostID?
    package var stage: Stage
    package var phase: Phase

    package init(node: HostID?, stage: Stage, phase: Phase) {
        self.node = node
        self.stage = stage
        self.phase = phase
    }
}

package struct SilentObserver: RolloutObserver {
    package init() {}
    package func observe(_ event: RolloutEvent) async {}
}
