import Addresses
import Checks
import Inventory
import Keepalived
import Remote
import Rollout

/// What a drill is to do, and what must hold before.
struct DrillPlanDocument: OutputDocument, Codable {
    struct Foretold: Codable, Sendable {
        var instance: String
        var vips: [String]
        var owner: String?
        /// The nodes that `ready` foretells to have the addresses; `null` where it foretells nothing.
        var owners: [String]?
        var silenceMs: ReadyDocument.Span?
        var verdict: String?
    }

    var `case`: String
    var cluster: String
    /// The first of ``nodes``.
    var node: String
    /// The nodes that fail at the same time.
    var nodes: [String]
    var subject: String?
    var refused: Bool
    var preconditions: [SwitchoverDocument.Precondition]
    var outages: [String]
    var foretold: [Foretold]
    var unreachable: [String]

    init(_ plan: DrillPlan) {
        `case` = plan.failure.rawValue
        cluster = plan.cluster.name
        node = plan.nodes[0].name
        nodes = plan.nodes.map(\.name)
        subject = plan.subject
        refused = plan.isRefused
        preconditions = plan.preconditions.map {
            SwitchoverDocument.Precondition(what: $0.what, holds: $0.holds, evidence: $0.evidence)
        }
        outages = plan.outages
        foretold = plan.instances.map { instance in
            Foretold(
                instance: instance.name, vips: instance.addresses.map(\.description),
                owner: instance.owner?.name,
                owners: instance.row.map { $0.owners + $0.leftovers },
                silenceMs: instance.row?.silence.map(ReadyDocument.Span.init),
                verdict: instance.row?.verdict.rawValue)
        }
        unreachable = plan.unreachable.keys.map(\.name).sorted()
    }

    var table: Table {
        Table(
            columns: ["cluster", "precondition", "holds", "evidence"],
            rows: preconditions.map {
                [cluster, $0.what, $0.holds ? "yes" : "no", $0.evidence].map { Table.Cell($0) }
            })
    }
}

/// What a drill has measured.
struct DrillDocument: OutputDocument, Codable {
    /// Milliseconds, where nothing else is said.
    struct Silence: Codable, Sendable {
        var sent: Int
        var lost: Int
        /// From the first question without an answer to the first answer; 0 where it is shorter than the observer can tell. RFC 6414
        /// calls it time-based loss.
        var silenceMs: Int
        /// The questions without an answer times the distance that questions really had. RFC 6414 calls it packet-loss-based loss.
        var packetLossMs: Int
        var longestGapMs: Int
        var interruptions: Int
        /// Since the failure; `null` where every question was answered.
        var firstLostAtMs: Int?
        /// Since the failure; `null` where no answer came, or every question was answered.
        var answeredAgainAtMs: Int?

        init(_ outage: Outage, _ measurement: DrillResult.Measurement, since begins: Int) {
            sent = outage.sent
            lost = outage.lost
            silenceMs = Self.milliseconds(measurement.claimed(outage))
            packetLossMs = Self.milliseconds(measurement.packetLoss(outage))
            longestGapMs = Self.milliseconds(outage.longestGap)
            interruptions = outage.interruptions
            firstLostAtMs = outage.firstLost.map { Self.milliseconds($0 - begins) }
            answeredAgainAtMs = outage.answeredAgain.map { Self.milliseconds($0 - begins) }
        }

        private static func milliseconds(_ microseconds: Int) -> Int { (microseconds + 500) / 1000 }
    }

    struct Measurement: Codable, Sendable {
        var vip: String
        var instance: String
        var observer: String
        /// How it asks: `icmp`, `tcp 443`, `http 80`.
        var probe: String
        var intervalMs: Int
        /// A silence that is not longer than this is not claimed.
        var resolutionMs: Int
        /// How exactly the observer's clock is known.
        var clockBoundMs: Int
        /// While the failure lasted.
        var failover: Silence
        /// From its end until all was as before.
        var reversion: Silence
        /// Questions that two machines have answered.
        var duplicates: Int

        init(_ one: DrillResult.Measurement, since begins: Int) {
            vip = "\(one.address)"
            instance = one.instance
            observer = one.observer.name
            probe = "\(one.probe)"
            intervalMs = one.interval / 1000
            resolutionMs = (one.resolution + 999) / 1000
            clockBoundMs = one.clockBound / 1000
            failover = Silence(one.failover, one, since: begins)
            reversion = Silence(one.reversion, one, since: begins)
            duplicates = one.duplicates
        }
    }

    struct Instance: Codable, Sendable {
        var instance: String
        /// The nodes that had the addresses while the failure lasted; `null` where one of them did not say.
        var holders: [String]?
        /// As `ready` has foretold; `null` where it foretells nothing.
        var foretold: [String]?
        /// `null` where none is foretold, or the silence lasts until it is mended, or two answer.
        var foretoldMs: ReadyDocument.Span?
        /// When the owner of before had the addresses back, since the end of the failure; `null` where it had never lost them.
        var backAtMs: Int?
        /// As `ready` has foretold.
        var backForetoldMs: ReadyDocument.Span?

        init(_ one: DrillResult.Comparison) {
            instance = one.instance
            holders = one.holders
            foretold = one.row.map { $0.owners + $0.leftovers }
            foretoldMs = one.row?.silence.map(ReadyDocument.Span.init)
            backAtMs = one.returned.map { ($0 + 500) / 1000 }
            if case .goesBack(_, let after)? = one.row?.afterwards {
                backForetoldMs = ReadyDocument.Span(after)
            }
        }
    }

    /// A held connection that was cut.
    struct Cut: Codable, Sendable {
        var vip: String
        var probe: String
        var observer: String
        /// `failover` or `reversion`.
        var part: String
        /// When its client noticed, since the failure, or since its end.
        var noticedAtMs: Int

        init(_ cut: DrillResult.Cut) {
            vip = "\(cut.target.address)"
            probe = "\(cut.target.kind)"
            observer = cut.observer.name
            part = cut.isReversion ? "reversion" : "failover"
            noticedAtMs = (cut.noticed + 500) / 1000
        }
    }

    struct Phase: Codable, Sendable {
        var instance: String
        /// `failover` or `reversion`.
        var part: String
        /// `noticed`, `elected`, `assigned`, `announced`, `answering`, `serving`.
        var phase: String
        /// Since the failure, or since its end.
        var atMs: Int
        var host: String
        var what: String
    }

    /// To which machine an observer sent what is for an address, from some moment on.
    struct Neighbour: Codable, Sendable {
        var vip: String
        var observer: String
        var mac: String
        /// Whose link-layer address it is; `null` where it is no node's.
        var node: String?
        /// Since the failure; `null` for what was so before anybody listened.
        var sinceMs: Int?
    }

    /// Gratuitous ARPs for an address, or unsolicited neighbour advertisements, as one machine heard or sent them.
    struct Announcements: Codable, Sendable {
        var vip: String
        /// `failover` or `reversion`.
        var part: String
        /// The machine that counted them.
        var listener: String
        /// Who sent them.
        var mac: String
        var node: String?
        var count: Int
        /// Since the failure, or since its end.
        var firstAtMs: Int
        var lastAtMs: Int
    }

    var `case`: String
    var cluster: String
    /// The first of ``nodes``.
    var node: String
    /// The nodes that fail at the same time.
    var nodes: [String]
    var subject: String?
    /// `done`, `refused`, `failed`, `unreachable`, `unknown` or `interrupted`.
    var outcome: String
    var reasons: [String]
    /// Of the address that was lost for the longest time while the failure lasted, or of `failback` on the way back; by pings, or
    /// by its ports where the service fails: questions, those without an answer, milliseconds.
    var sent: Int
    var lost: Int
    var outageMs: Int
    /// The longest that was foretold; `null` where nothing is.
    var predictedMs: Int?
    /// The failover time of RFC 6414, by the time-based method: of the address that was lost for the longest time. `null` where nothing
    /// was measured.
    var failoverTimeMs: Int?
    /// The reversion time of RFC 6414, in the same way: from the end of the failure on.
    var reversionTimeMs: Int?
    /// Whether all is as before; `null` when that is not known.
    var restored: Bool?
    /// What is not as before.
    var left: [String]
    /// What differs from what was foretold, or lasted too long.
    var findings: [String]
    var measurements: [Measurement]
    var phases: [Phase]
    var cuts: [Cut]
    var instances: [Instance]
    /// In the order of time.
    var neighbours: [Neighbour]
    /// `null` where no machine has tcpdump.
    var announcements: [Announcements]?
    /// Observers that could not measure, and why.
    var notMeasuring: [String]

    var table: Table {
        Table(
            columns: [
                "cluster", "case", "node", "vip", "observer", "sent", "lost", "silence_ms", "back_lost",
                "back_silence_ms",
            ],
            rows: measurements.map { one in
                [
                    cluster, `case`, node, one.vip, one.observer, "\(one.failover.sent)",
                    "\(one.failover.lost)",
                    "\(one.failover.silenceMs)", "\(one.reversion.lost)", "\(one.reversion.silenceMs)",
                ].map { Table.Cell($0) }
            })
    }
}

/// What several drills are to do.
struct DrillPlansDocument: OutputDocument, Codable {
    var plans: [DrillPlanDocument]

    var table: Table { Table(columns: plans.first?.table.columns ?? [], rows: plans.flatMap(\.table.rows)) }
}
