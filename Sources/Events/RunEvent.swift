package import Remote

/// Something that began or ended in a run of haops: what rollouts and surveys emit, and what everybody who watches is told.
package struct RunEvent: Hashable, Sendable {
    /// A piece of the work. The raw values are those of `--events` (docs/Events.md): they stay.
    package enum Stage: String, Hashable, Sendable, CaseIterable {
        /// The whole run, from its first question to its exit code.
        case run
        /// One question to one node, and, without a node, to all of them.
        case ask
        /// Everything that is done to one cluster, under its lock.
        case cluster
        case lock, install, stage, validate
        case handOver = "hand-over"
        case change, verify, extend, confirm
        case giveBack = "give-back"
        case restore
        case standDown = "stand-down"
        case clean
    }

    package enum Phase: String, Hashable, Sendable, CaseIterable {
        case begins
        /// It goes on; the message says what it waits for.
        case waits
        case ends
        /// The message says why.
        case fails
        /// It was not begun; the message says why.
        case skipped
        /// Nobody knows how it ended, or what there is to know: a node does not answer.
        case unknown

        /// Whether nothing comes after it for this stage of this node.
        package var isLast: Bool { self != .begins && self != .waits }
    }

    package var run: RunID
    package var time: UTCTime
    /// The command: `apply`, `who`.
    package var verb: String
    /// `nil` for what concerns all clusters.
    package var cluster: String?
    /// `nil` for what concerns the whole cluster.
    package var node: HostID?
    package var stage: Stage
    package var phase: Phase
    /// How long the stage took, when it is over.
    package var duration: Duration?
    /// In words; empty where the stage and the phase say it all.
    package var message: String
    /// What to do about it, where there is something to do.
    package var hint: String?
    /// What is wrong with the node, where its transport says so: ``message`` and ``hint`` in parts.
    package var error: RemoteError?
    /// How many nodes a question of ``Stage/ask`` goes to, as it begins for all of them.
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
