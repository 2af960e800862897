package import Events
package import Keepalived

/// One thing that happened on one node, by the node's log.
package struct TimelineEvent: Hashable, Sendable {
    /// By the clock of the machine that runs haops, where the two were compared; else by the node's own.
    package var time: UTCTime
    /// How exact ``time`` is among those of other nodes, in milliseconds.
    package var precision: Int
    package var node: String
    /// The cluster of the node; empty where none is known.
    package var cluster: String
    package var kind: Kind
    /// The message as logged, not yet safe for a terminal.
    package var message: String
    /// How often it happened, from ``time`` to ``lastTime``.
    package var count = 1
    package var lastTime: UTCTime

    package init(
        time: UTCTime, precision: Int = 1, node: String, cluster: String = "", kind: Kind,
        message: String = "", count: Int = 1
    ) {
        self.time = time
        self.precision = precision
        self.node = node
        self.cluster = cluster
        self.kind = kind
        self.message = message
        self.count = count
        lastTime = time
    }

    package enum Kind: Hashable, Sendable {
        /// What keepalived says of itself, in every release.
        case keepalived(JournalEvent)
        /// What haproxy says of itself.
        case haproxy(HAProxyEvent)
        /// What systemd says of a service.
        case service(Service, ServiceEvent)
        /// A network interface, by the kernel or by who manages it.
        case link(String, isUp: Bool)
        case machine(MachineEvent)
        /// A step of a run of haops, from the journal that it keeps on the node; whether it is the last one there.
        case run(what: String, step: String, who: String, isLast: Bool)
    }

    package enum Service: String, Hashable, Sendable {
        case keepalived, haproxy
        /// Whoever manages the node's addresses: its restart may remove those of keepalived.
        case network
    }

    package enum ServiceEvent: Hashable, Sendable {
        case starting
        case started
        case reloading
        case stopping
        case stopped
        /// By a signal: `KILL`.
        case killed(signal: String)
        case exited(status: String)
        case failed(result: String?)
        case restartScheduled
    }

    package enum HAProxyEvent: Hashable, Sendable {
        case serverDown(String, reason: String?)
        case serverUp(String)
        case noServer(backend: String)
        case started
        case stopping
        case reloaded
        case workerDied(how: String)
        case cannotBind(String)
    }

    package enum MachineEvent: Hashable, Sendable {
        case booted
        case goesDown
        /// The kernel had no memory left, and killed this program.
        case outOfMemory(killed: String)
    }

    /// Where a message is from.
    package enum Source: String, CaseIterable, Hashable, Sendable {
        case keepalived, haproxy, systemd, kernel, haops
    }

    package var source: Source {
        switch kind {
        case .keepalived: .keepalived
        case .haproxy: .haproxy
        case .service: .systemd
        case .link, .machine: .kernel
        case .run: .haops
        }
    }

    /// The instance that the event is about; `nil` for what concerns the whole node.
    package var instance: String? {
        guard case .keepalived(let event) = kind, event.isOfInstance, !event.subject.isEmpty else {
            return nil
        }
        return event.subject
    }
}

extension JournalEvent {
    /// Whether the subject is an instance, and not a script, a group, an interface or the daemon.
    var isOfInstance: Bool {
        switch kind {
        case .groupSync, .scriptSucceeded, .scriptFailed, .scriptTimedOut, .scriptReturns, .scriptDisabled,
            .scriptBusy, .programNotStarted, .processesUnseen, .interfaceDown, .interfaceUp,
            .addressVanished, .started, .reloading, .reloaded, .stopping, .stopped, .childDied,
            .permanentError, .timerLate, .packetIgnored, .unknownRouterID:
            false
        default: true
        }
    }
}
