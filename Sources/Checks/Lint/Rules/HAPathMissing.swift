import HAProxy
import Keepalived

/// haproxy needs a directory that does not exist.
///
/// - Condition: The `chroot` directory or the directory of a `stats socket` does not exist on the node.
/// - Why: `haproxy -c` does not check this, and haproxy does not start.
/// - Remedy: Create the directory.
struct HAPathMissing: NodeRule {
    static let id = "ha-path-missing"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy, let paths = node.facts?.paths else { return [] }
        return haproxy.neededDirectories.compactMap { need in
            guard let known = paths[need.path], !known.exists else { return nil }
            return Finding(
                id: Self.id, severity: .error, nodes: [node.name], file: need.location.file,
                line: need.location.line, column: 1,
                message: "`\(need.keyword)` needs the directory `\(need.path)`, which does not exist",
                effect: "haproxy does not start", fix: "create \(need.path)",
                evidence: [Evidence(at: need.location, need.keyword)])
        }
    }
}
