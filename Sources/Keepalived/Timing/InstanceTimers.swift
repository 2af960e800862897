/// The settings that decide when a node takes an instance over. Every prediction and every gate reads them here.
package struct InstanceTimers: Hashable, Sendable {
    /// 2 or 3.
    package var version: Int
    package var advertInterval: Duration
    /// Adverts that may be missed before a BACKUP takes over (`down_timer_adverts`).
    package var adverts: Int
    /// Whether it takes the addresses from a living MASTER of lower priority; false with `nopreempt`.
    package var preempts: Bool
    /// How long it waits before it preempts such a MASTER.
    package var preemptDelay: Duration

    package init(
        version: Int = 2, advertInterval: Duration = .seconds(1), adverts: Int = 3, preempts: Bool = true,
        preemptDelay: Duration = .zero
    ) {
        self.version = version
        self.advertInterval = advertInterval
        self.adverts = adverts
        self.preempts = preempts
        self.preemptDelay = preemptDelay
    }

    /// The timers of a keepalived that has read this instance.
    package init(of instance: Instance) {
        self.init(
            version: instance.version.value, advertInterval: instance.advertInterval.value,
            adverts: instance.downTimerAdverts.value, preempts: !instance.nopreempt.value,
            preemptDelay: instance.preemptDelay.value)
    }

    /// How long the node waits without an advert before it takes over.
    ///
    /// - `priority`: the node's priority, including checks and handovers.
    /// - `owner`: the timers of the MASTER that it heard last: in version 3, that MASTER's interval counts and not
    ///   the node's own.
    package func masterDownTime(priority: Int, hearing owner: InstanceTimers? = nil) -> MasterDownTime {
        MasterDownTime(
            version: version, priority: priority,
            advertInterval: version == 3 ? owner?.advertInterval ?? advertInterval : advertInterval,
            adverts: adverts)
    }
}

/// The timers that a daemon reports; no daemon reports all.
package struct LiveTimers: Hashable, Sendable {
    package var version: Int?
    package var advertInterval: Duration?
    package var adverts: Int?
    package var preempts: Bool
    package var preemptDelay: Duration?

    package init(of live: LiveState.Instance) {
        version = live.version
        advertInterval = live.advertInterval.map { .milliseconds(10 * $0) }
        adverts = live.downTimerAdverts
        preempts = !live.nopreempt
        preemptDelay = live.preemptDelay
    }

    /// These timers, and the written ones for what the daemon does not report.
    package func completed(by written: InstanceTimers) -> InstanceTimers {
        InstanceTimers(
            version: version ?? written.version, advertInterval: advertInterval ?? written.advertInterval,
            adverts: adverts ?? written.adverts, preempts: preempts,
            preemptDelay: preemptDelay ?? written.preemptDelay)
    }
}
