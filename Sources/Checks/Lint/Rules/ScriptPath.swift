import Keepalived

/// A script that users other than root may write.
///
/// - Condition: A component of the path is not root's, or users or groups other than root's may write it (except
///   directories with the sticky bit), while script security is on and the script runs as root.
/// - Why: keepalived disables the script (`due to insecure`), and the instance runs without the check.
/// - Remedy: Make root the owner of the path and remove the write bits.
struct ScriptPath: NodeRule {
    static let id = "script-path"

    func check(_ node: LintNode) -> [Finding] {
        guard node.configuration.global.scriptSecurity.value else { return [] }
        return ScriptUse.all(in: node).compactMap { use in
            guard use.user == "root", let path = use.path, path.exists,
                let bad = ([path] + path.parents).first(where: isInsecure)
            else { return nil }
            return node.finding(
                Self.id, .error, at: use.location, "\(use.owner): others may write `\(bad.path)`",
                effect: use.isHook
                    ? "haops' notify script does not run it, and reports that in the journal"
                    : "keepalived disables the script, and the instance runs without it",
                fix: ScriptFault.insecure(bad.path).remedy(of: use.program),
                evidence: [
                    Evidence(
                        .kernel,
                        "\(bad.path): owner \(bad.owner):\(bad.group), mode 0\(String(bad.mode, radix: 8))")
                ])
        }
    }

    private func isInsecure(_ path: NodeFacts.Path) -> Bool {
        if path.owner != "root" { return true }
        let isSticky = path.isDirectory && path.mode & 0o1000 != 0
        return path.mode & (path.group == "root" ? 0o002 : 0o022) != 0 && !isSticky
    }
}
