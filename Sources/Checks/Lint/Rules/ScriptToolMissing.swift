import Keepalived

/// A script that calls a program which is not installed.
///
/// - Condition: A check or notify script in shell calls one of some fifty well-known programs (`curl`, `nc`, `jq`,
///   `mail`, …) that is not in the node's search path, and does not test for it first.
/// - Why: The call ends with 127: a check fails on every node at once, and a notify script does not work.
/// - Remedy: Install the package that provides it, for example with `packages` of the inventory.
struct ScriptToolMissing: NodeRule {
    static let id = "script-tool"

    func check(_ node: LintNode) -> [Finding] {
        guard let tools = node.facts?.tools else { return [] }
        var seen: Set<String> = []
        return ScriptUse.all(in: node).flatMap { use in
            CalledTools.names(in: use.path?.contents ?? "")
                .filter { !tools.contains($0) && seen.insert("\(use.program) \($0)").inserted }
                .map { tool in
                    node.finding(
                        Self.id, .warning, at: use.location,
                        "\(use.owner): `\(use.program)` calls `\(tool)`, which the node does not have",
                        effect: use.isNotify
                            ? "the script does not work" : "the check fails even if the service works",
                        fix: "install the package that provides `\(tool)`")
                }
        }
    }
}
