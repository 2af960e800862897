import Keepalived

/// A search for an address that also matches others.
///
/// - Condition: A script searches the output of `ip addr` for an address or a variable without anchoring its end.
/// - Why: `grep 192.0.2.1` also matches 192.0.2.10 and a broadcast field, so the script assumes that the node holds
///   the address.
/// - Remedy: Use `ip -o addr show to ADDRESS/32`.
struct VIPGrepUnanchored: NodeRule {
    static let id = "vip-grep-unanchored"

    func check(_ node: LintNode) -> [Finding] {
        ScriptUse.all(in: node).flatMap { use -> [Finding] in
            let text = use.path?.contents ?? use.command.text
            return text.split(whereSeparator: \.isNewline).enumerated().compactMap { number, line in
                guard let pattern = AddressSearch.unanchoredPattern(in: String(line)) else { return nil }
                let evidence =
                    use.path.map {
                        [Evidence(.file($0.path, line: number + 1), String(line.drop { $0 == " " }))]
                    } ?? []
                return node.finding(
                    Self.id, .warning, at: use.location,
                    "\(use.owner): the search for `\(pattern)` also finds longer addresses",
                    effect: "the script mistakes another address for this one",
                    fix: "use `ip -o addr show to \(pattern)/32` and test whether it prints anything",
                    evidence: evidence)
            }
        }
    }
}
