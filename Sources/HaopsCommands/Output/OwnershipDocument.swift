import Addresses
import Checks
import Facts
import Keepalived
import Remote

/// Who owns which virtual address, and how that is known.
struct OwnershipDocument: OutputDocument {
    struct Address: Encodable, Sendable {
        var vip: String
        var cluster: String
        var instance: String?
        var verdict: String
        var reason: String
        var owners: [String]
        var nodes: [Node]
        var arp: [Neighbour]
        /// Whether anybody is answered; `null` where nobody asked, or where it cannot be told.
        var answers: Bool?
        var probes: [Probe]
        /// Of the verdict and of what answers, for people; not in the document.
        var tone: Style.Tone
        var answerWord: String
        var answerTone: Style.Tone?

        private enum CodingKeys: CodingKey {
            case vip, cluster, instance, verdict, reason, owners, nodes, arp, answers, probes
        }

        init(_ ownership: VIPOwnership) {
            vip = ownership.vip.description
            cluster = ownership.cluster
            instance = ownership.instance
            verdict = ownership.verdict.rawValue
            reason = ownership.reason
            owners = ownership.holders.map(\.name)
            nodes = ownership.nodes.map(Node.init)
            arp = ownership.arp.map {
                Neighbour(
                    observer: $0.observer.name, mac: $0.mac.description, node: $0.node?.name, state: $0.state)
            }
            answers = ownership.isAnswering
            probes = ownership.answers.map(Probe.init)
            tone = ownership.verdict.tone
            answerWord = ownership.answerWord
            answerTone = ownership.answer.tone
        }
    }

    /// What one node says.
    struct Node: Encodable, Sendable {
        var node: String
        var reachable: Bool
        var holds: Bool?
        var interface: String?
        var keepalived: String
        var claims: String?
        var priority: Int?
        /// From where the role is known.
        var witness: String
        /// By how much an override raises the priority.
        var lift: Int?
        var error: String?

        init(_ view: VIPOwnership.NodeView) {
            node = view.node.name
            reachable = view.isReachable
            holds = view.isReachable ? view.holds : nil
            interface = view.interface
            keepalived = view.daemonWord
            claims = view.claim?.rawValue
            priority = view.priority
            witness = view.roleSource.words
            lift = view.priorityOverride?.value
            error = view.silence?.description
        }
    }

    /// Where an observer sends to.
    struct Neighbour: Encodable, Sendable {
        var observer: String
        var mac: String
        var node: String?
        var state: String
    }

    /// What one machine has found out by asking for the address as clients do.
    struct Probe: Encodable, Sendable {
        struct Speaker: Encodable, Sendable {
            var mac: String
            var node: String?
        }
        struct Port: Encodable, Sendable {
            var port: Int
            var answer: String
        }

        var observer: String
        var owner: Bool
        var asked: Bool
        var interface: String?
        var ping: Bool?
        var hearsOthers: Bool?
        var macs: [Speaker]
        var ports: [Port]

        init(_ view: VIPOwnership.AnswerView) {
            observer = view.observer.name
            owner = view.isOwner
            asked = view.hasAsked
            interface = view.probe.interface
            ping = view.probe.isPinged ? true : nil
            hearsOthers = view.hearsSomebody
            macs = view.speakers.map { Speaker(mac: $0.mac.description, node: $0.node?.name) }
            ports = view.probe.ports.sorted { $0.key < $1.key }
                .map { Port(port: $0.key, answer: $0.value.rawValue) }
        }
    }

    var vips: [Address]
    var pending: [PendingLines.Entry]

    var table: Table { Self.table(vips, answersLast: true) }

    /// A row for each address, for people and programs.
    ///
    /// - `answersLast`: for programs, whose columns keep their places.
    static func table(_ addresses: [Address], answersLast: Bool) -> Table {
        let columns = ["vip", "cluster", "verdict", "owner"]
        return Table(
            columns: columns + (answersLast ? ["why", "answers"] : ["answers", "why"]),
            rows: addresses.map { address in
                let why = Table.Cell(address.reason)
                let answers = Table.Cell(address.answerWord, address.answerTone)
                return [
                    Table.Cell(address.vip), Table.Cell(address.cluster),
                    Table.Cell(address.verdict, address.tone),
                    Table.Cell(address.owners.isEmpty ? "-" : address.owners.joined(separator: ",")),
                ] + (answersLast ? [why, answers] : [answers, why])
            })
    }
}
