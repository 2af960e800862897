import Facts

/// A stick table is nearly full.
///
/// Condition: nine of ten of its entries are used.
/// Why: once it is full, a new entry drops the oldest one: that client loses its server, and what was counted of it.
/// Remedy: raise its `size`, or let its entries `expire` sooner.
struct StickTableFull: ProxyWarningCause {
    static let id = DoctorID.stickTableFull

    func warnings(of health: HAProxyHealth, since earlier: HAProxyHealth?) -> [ProxyWarning] {
        health.processes.flatMap(\.tables).filter { $0.size > 0 && $0.used >= $0.size - $0.size / 10 }.map {
            table in
            ProxyWarning(
                id: Self.id,
                words:
                    "the stick table `\(table.name)` is nearly full: \(table.used) of \(table.size) entries",
                effect:
                    "a new entry soon drops the oldest one, whose client loses its server and its counters",
                fix: "raise the `size` of `\(table.name)`, or let its entries `expire` sooner",
                evidence: ["show table: \(table.name) size \(table.size), used \(table.used)"],
                isCounted: true)
        }
    }
}
