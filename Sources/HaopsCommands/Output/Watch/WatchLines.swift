import Inventory
import Remote
import Survey

/// The watch without a terminal: one line for each change.
struct WatchLines: Sendable {
    private let console: Console
    private let format: OutputOptions.Format
    private let widths: (cluster: Int, node: Int)

    init(fleet: Fleet, format: OutputOptions.Format, console: Console) {
        self.console = console
        self.format = format
        let names = fleet.clusters.flatMap { $0.nodes.map(\.id.name.displayWidth) }
        // The only cluster need not be named.
        let clusters = fleet.clusters.count > 1 ? fleet.clusters.map(\.name.displayWidth) : []
        widths = (min(20, clusters.max() ?? 0), min(20, names.max() ?? 1))
        if format == .tsv { console.answer(Table(columns: WatchDocument.columns).tsv) }
    }

    func show(_ event: WatchEvent) {
        let document = WatchDocument(event)
        switch format {
        case .table: console.answer(event.line(console.out, widths: widths) + "\n")
        case .json, .yaml: console.answer(document.line)
        case .tsv:
            let rows = document.table.tsv.split(separator: "\n", maxSplits: 1)
            console.answer(String(rows.last ?? ""))
        }
    }
}
