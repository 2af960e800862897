package import Remote

/// An event of a run of haops: a stage began, made progress or ended. Rollouts and surveys emit events.
package struct RunEvent: Hashable, Sendable {
    /// A part of the work. The raw values are those of `--events` (docs/Events.md), and must not change.
    package enum Stage: String, Hashable, Sendable, CaseIterable {
        /// The whole run, from its first question to its exit code.
        case run
        /// One question to a node, or, without a node, to all nodes.
        case ask
        /// All work on one cluster, under its lock.
        case cluster
        case lock, install, stage, validate
        case handOver = "hand-over"
        case change, verify, extend, confirm
        /// The automatic rollbacks stay scheduled until a person confirms the change.
        case hold
        case giveBack = "give-back"
        case restore
        case standDown = "stand-down"
        /// A drill measures; the message says what.
        case measure
        /// A drill makes its failure; the message says which.
        case makeFailure = "make-failure"
        /// A drill's failure ends; the message says how.
        case endFailure = "end-failure"
        case clean
        /// A server of haproxy is taken out of service, or back.
        case setServers = "set-servers"
        /// What was done to a server is undone, because another node could not do it.
        case takeServersBack = "take-servers-back"
        /// Sessions of a drained server end.
        case awaitSessions = "await-sessions"
    }

    package enum Phase: String, Hashable, Sendable, CaseIterable {
        case begins
        /// The stage continues; the message says what it waits for.
        case waits
        case ends
        /// The message says why.
        case fails
        /// The stage was not begun; the message says why.
        case skipped
        /// The outcome is unknown, because a node does not answer.
        case unknown

        /// Whether the stage of this node ends with this phase.
        package var isLast: Bool { self != .begins && self != .waits }
    }

    package var run: RunID
    package var time: UTCTime
    /// The command: `apply`, `who`.
    package var verb: String
    /// The cluster's name; `nil` for an event of all clusters.
    package var cluster: String?
    /// The node; `nil` for an event of the whole cluster.
    package var node: HostID?
    package var stage: Stage
    package var phase: Phase
    /// How long the stage took; `nil` before its end.
    package var duration: Duration?
    /// The event in words; empty when stage and phase suffice.
    package var message: String
    /// The remedy, if there is one.
    package var hint: String?
    /// The transport's error, if any; ``message`` and ``hint`` contain its text.
    package var error: RemoteError?
    /// The number of nodes that a question of ``Stage/ask`` goes to; set when it begins for all of them.
    package var nodes: Int?

    package init(
        run: RunID, time: UTCTime, verb: String, cluster: String? = nil, node: HostID? = nil, stage: Stage,
        phase: Phase, duration: Duration? = nil, message: String = "", hint: String? = nil,
        error: RemoteError? = nil, nodes: Int? = nil
    ) {
        self.run = run
        self.time = time
        self.verb = verb
        self.cluster = cluster
        self.node = node
        self.stage = stage
        self.phase = phase
        self.duration = duration
        self.message = message
        self.hint = hint
        self.error = error
        self.nodes = nodes
    }
}
