import Keepalived

/// One failure is enough to move the address.
///
/// - Condition: `fall` and `rise` are 1, the default.
/// - Why: A single slow answer moves the address, and the next good one moves it back.
/// - Remedy: Set `fall 2` and `rise 2`.
struct ScriptRiseFall: NodeRule {
    static let id = "script-rise-fall"

    func check(_ node: LintNode) -> [Finding] {
        let tracked = Set(
            node.instances.flatMap(\.trackScripts).map(\.name)
                + node.configuration.syncGroups.flatMap(\.trackScripts).map(\.name))
        return node.configuration.scripts.filter {
            $0.fall.value == 1 && $0.rise.value == 1 && tracked.contains($0.name)
        }.map { script in
            node.finding(
                Self.id, .info, at: script.fall.location ?? script.location,
                "\(script.name): a single failed run counts as failure",
                effect: "a single slow answer moves the address", fix: "set `fall 2` and `rise 2`")
        }
    }
}
