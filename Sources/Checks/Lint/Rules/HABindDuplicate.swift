import Addresses
import HAProxy
import Keepalived

/// Two haproxy sections bind the same address and port.
///
/// - Condition: Two `bind` lines in different sections name the same address and port.
/// - Why: `haproxy -c` accepts it, but the kernel gives connections to one or the other at random, or the second bind
///   fails.
/// - Remedy: Merge the sections or change the port.
struct HABindDuplicate: NodeRule {
    static let id = "ha-bind-duplicate"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        var seen: [String: HAProxyFile.Bind] = [:]
        var findings: [Finding] = []
        for bind in haproxy.binds {
            let key = bind.address.map { "\($0):\(bind.port)" } ?? bind.text
            if let first = seen[key], first.section != bind.section {
                findings.append(
                    Finding(
                        id: Self.id, severity: .error, nodes: [node.name], file: bind.location.file,
                        line: bind.location.line,
                        column: bind.location.column,
                        message: "`\(first.section)` and `\(bind.section)` both bind \(bind.text)",
                        effect: "connections reach one or the other at random",
                        fix: "merge the two, or change one port",
                        evidence: [first, bind].map {
                            Evidence(at: $0.location, "bind \($0.text)")
                        }))
            } else {
                seen[key] = bind
            }
        }
        return findings
    }
}
