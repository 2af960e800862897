package import Events
import Keepalived

/// A moment in the life of an instance, by one node's clock.
package struct Moment: Hashable, Sendable {
    package var time: UTCTime
    /// How exact it is among the moments of other nodes, in milliseconds.
    package var precision: Int

    init(_ event: TimelineEvent) { (time, precision) = (event.time, event.precision) }
}

/// The time for which a node was MASTER of an instance, by its own log.
struct Tenure: Sendable {
    enum End: Sendable {
        /// The event that ended it, by its index among all events.
        case event(Int)
        /// The node's log breaks off after the event `last`, and goes on with a start.
        case unseen(last: Int, next: Int)
    }

    /// `nil` for an owner whose log is not there.
    var node: String?
    /// The event that began it; `nil` when the log begins later.
    var start: Int?
    var end: End?
    /// An address that an owner without a log is known by.
    var address: String?

    /// The index of the event that ended it, or of the last one that is known of it.
    var endIndex: Int? {
        switch end {
        case .event(let index): index
        case .unseen(let last, _): last
        case nil: nil
        }
    }
}

/// The tenures of one instance on one node.
struct TenureReader {
    private let instance: String
    private let node: String
    private(set) var tenures: [Tenure] = []
    /// Where the node became BACKUP, and where it ceased to be.
    private(set) var backups: [(start: Int, end: Int?)] = []
    /// The first word of a log about the instance, where that says it is not MASTER: it may have been before.
    private(set) var possibleEnd: Int?
    private var isMaster = false
    private var isKnown = false
    private var last: Int?

    /// - `events`: of all nodes; the indices are of these.
    init(_ instance: String, on node: String, cluster: String, _ events: [TimelineEvent]) {
        self.instance = instance
        self.node = node
        for (index, event) in events.enumerated() where event.node == node && event.cluster == cluster {
            read(event, at: index)
            if case .keepalived = event.kind { last = index }
        }
    }

    private mutating func read(_ event: TimelineEvent, at index: Int) {
        switch event.kind {
        case .keepalived(let journal):
            if let of = event.instance, of != instance { return }
            read(journal, at: index)
        case .service(.keepalived, .stopping), .service(.keepalived, .killed), .service(.keepalived, .exited),
            .service(.keepalived, .stopped), .service(.keepalived, .failed):
            leave(.event(index))
        case .machine(.booted): leaveUnseen(at: index)
        case .machine, .service, .haproxy, .link, .run: break
        }
    }

    private mutating func read(_ journal: JournalEvent, at index: Int) {
        switch journal.kind {
        case .becameMaster:
            endBackup(at: index)
            if !isMaster { tenures.append(Tenure(node: node, start: index)) }
            (isMaster, isKnown) = (true, true)
        case .becameBackup(let initial):
            if initial { isKnown = true }
            leave(.event(index))
            if backups.last?.end != nil || backups.isEmpty { backups.append((index, nil)) }
        case .becameFault:
            leave(.event(index))
            endBackup(at: index)
        // Only a MASTER reports these. One that is the first word of a log shows that the tenure is older than the log.
        case .higherAdvert, .sameAdvertFromHigherAddress:
            assumeMaster()
            // 1.x and 2.x write the change of state behind it, so that the advert is the cause and not the end.
            if !isMaster { endBackup(at: index) }
        case .lowerAdvert: assumeMaster()
        case .priorityZeroSent:
            assumeMaster()
            leave(.event(index))
        case .stopping, .stopped, .childDied, .permanentError:
            leave(.event(index))
            endBackup(at: index)
        case .started:
            isKnown = true
            leaveUnseen(at: index)
            endBackup(at: index)
        default: break
        }
    }

    private mutating func assumeMaster() {
        guard !isKnown else { return }
        tenures.append(Tenure(node: node))
        (isMaster, isKnown) = (true, true)
    }

    private mutating func leave(_ end: Tenure.End) {
        if !isKnown, case .event(let index) = end { possibleEnd = index }
        isKnown = true
        guard isMaster else { return }
        tenures[tenures.count - 1].end = end
        isMaster = false
    }

    private mutating func leaveUnseen(at index: Int) {
        guard isMaster, let last else { return leave(.event(index)) }
        leave(.unseen(last: last, next: index))
    }

    private mutating func endBackup(at index: Int) {
        guard let open = backups.last, open.end == nil else { return }
        backups[backups.count - 1].end = index
    }
}
