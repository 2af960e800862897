import Addresses
import Keepalived

/// The findings about the rows of one instance: rows that end badly for the same reason are one finding.
struct ReadinessFindings {
    /// The identifier where there is no single owner to begin with.
    static let notNow = "ready-not-now"

    private let readiness: RouterReadiness
    private let rows: [ReadinessRow]

    init(_ readiness: RouterReadiness, _ rows: [ReadinessRow]) {
        self.readiness = readiness
        self.rows = rows
    }

    var all: [Finding] { bad + notProvable + otherwise }

    private var name: String { readiness.owner.title }
    private var addresses: String {
        let all = readiness.router.addresses.sorted().map(\.description)
        return all.count > 3 ? "\(all.count) addresses" : joined(all)
    }

    private var bad: [Finding] {
        grouped(rows.filter(\.verdict.isBad)).map { rows in
            let first = rows[0]
            let when = joined(rows.map(\.title))
            let why = first.reasons.uniqued().joined(separator: "; ")
            let (message, effect) = words(of: first, when: when)
            return Finding(
                id: "ready-\(first.verdict.rawValue)", severity: .error,
                nodes: rows.flatMap(\.nodes).uniqued(),
                message: message + (why.isEmpty ? "" : ": " + why), effect: effect,
                fix: first.fix.isEmpty ? "haops doctor" : first.fix,
                evidence: rows.flatMap(\.evidence).uniqued())
        }
    }

    private func words(of row: ReadinessRow, when: String) -> (message: String, effect: String) {
        switch row.verdict {
        case .nobody:
            return (
                "nobody would own \(name) (\(addresses)) after \(when)",
                "the addresses are dark until it ends"
            )
        case .twoOwners:
            let owners = row.owners.count > 1 ? row.owners : readiness.router.nodes
            return (
                "\(joined(owners)) would both own \(name) (\(addresses)) after \(when)",
                "clients reach whichever node answered ARP last, and connections break when that changes"
            )
        case .leftover:
            return (
                "\(joined(row.leftovers)) would keep \(addresses) (\(name)) after \(when), beside \(joined(row.owners))",
                "two machines answer for it, and only one of them is looked after by keepalived"
            )
        case .noMove:
            return (
                "\(name) (\(addresses)) would stay on \(joined(row.owners)) after \(when)",
                "the service is gone, and no node takes over"
            )
        case .doesNotServe:
            return (
                "\(joined(row.owners)) would own \(name) (\(addresses)) and not serve after \(when)",
                "clients have no service after the failover"
            )
        case .fine, .notProvable: return ("", "")
        }
    }

    private var notProvable: [Finding] {
        grouped(rows.filter { $0.verdict == .notProvable }).map { rows in
            Finding(
                id: "ready-not-provable", severity: .info, nodes: rows.flatMap(\.nodes).uniqued(),
                message:
                    "what becomes of \(name) (\(addresses)) after \(joined(rows.map(\.title))) is not provable: \(rows[0].reasons.joined(separator: "; "))",
                effect: "", fix: rows[0].fix, evidence: rows.flatMap(\.evidence).uniqued())
        }
    }

    /// A new owner that serves something else.
    private var otherwise: [Finding] {
        let changed = rows.filter { $0.owners != [readiness.owner.name] && !$0.verdict.isBad }
        var found: [String: [String]] = [:]
        for row in changed {
            guard case .differently(let differences) = row.service, let owner = row.owners.first else {
                continue
            }
            found[owner] = differences
        }
        return found.keys.sorted().map { owner in
            Finding(
                id: "ready-serves-differently", severity: .warning, nodes: [owner, readiness.owner.name],
                message:
                    "\(owner) would serve \(name) (\(addresses)) otherwise than \(readiness.owner.name): "
                    + found[owner, default: []].joined(separator: "; "),
                effect: "after a failover clients may get other answers",
                fix: "haops plan shows what differs from the inventory; haops apply makes the nodes alike")
        }
    }

    /// Rows with the same verdict, reasons and fix, in their order.
    private func grouped(_ rows: [ReadinessRow]) -> [[ReadinessRow]] {
        func key(_ row: ReadinessRow) -> [String] {
            [row.verdict.rawValue, row.fix] + row.reasons + row.owners
        }
        return rows.map(key).uniqued().map { wanted in rows.filter { key($0) == wanted } }
    }
}
