import Keepalived

/// A script that calls a program which is not there.
///
/// - Condition: A check or notify script in shell calls one of some fifty well-known programs (`curl`, `nc`, `jq`,
///   `mail`, …) that the node does not have in its search path, and does not look for it first.
/// - Why: The call ends with 127: a check fails on every node at once, and a notify script does not do its work.
/// - Remedy: Install the package that has it, with `packages` of the inventory for example.
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
                            ? "the script does not do its work" : "the check fails whatever it looks at",
                        fix: "install the package that has `\(tool)`")
                }
        }
    }
}
