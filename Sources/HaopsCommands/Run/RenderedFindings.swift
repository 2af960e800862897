import Checks
import Inventory
import Remote

/// Findings in the files that an inventory would render: what has to be edited is the inventory.
struct RenderedFindings: Sendable {
    private let fleet: Fleet
    /// By node.
    private let clusters: [String: String]

    init(of fleet: Fleet) {
        self.fleet = fleet
        let nodes = fleet.clusters.flatMap { cluster in cluster.nodes.map { ($0.id.name, cluster.name) } }
        clusters = Dictionary(nodes) { first, _ in first }
    }

    /// The finding with a remedy that names the inventory.
    func remedied(_ finding: Finding) -> Finding {
        guard finding.file != nil else { return finding }
        var finding = finding
        finding.fix = "in `\(fleet.source)`: \(finding.fix)"
        return finding
    }

    /// The finding at its cluster's place in the inventory, for programs that open the file: the rendered one is
    /// not on this machine.
    func located(_ finding: Finding) -> Finding {
        guard let rendered = finding.place else { return finding }
        var finding = finding
        finding.message += " (rendered as \(rendered))"
        let cluster = finding.nodes.first.flatMap { clusters[$0] }
        let place = cluster.map { fleet.location(of: .cluster($0)) } ?? fleet.location()
        (finding.file, finding.line, finding.column) = (place.file, place.line, place.column)
        return finding
    }
}
