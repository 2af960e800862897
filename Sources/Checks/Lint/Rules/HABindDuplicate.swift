import Addresses
import HAProxy
import Keepalived

/// Two haproxy sections bind the same address and port.
///
/// - Condition: Two `bind` lines in different sections name the same address and port, or ranges of ports that have one in
///   common.
/// - Why: `haproxy -c` accepts it, but the kernel gives connections to one or the other at random, or the second bind
///   fails.
/// - Remedy: Merge the sections or change the port.
struct HABindDuplicate: NodeRule {
    static let id = "ha-bind-duplicate"

    func check(_ node: LintNode) -> [Finding] {
        guard let haproxy = node.haproxy else { return [] }
        var findings: [Finding] = []
        for group in Dictionary(grouping: haproxy.binds, by: Self.host).values {
            let sorted = group.compactMap { bind in bind.ports.map { (bind, $0) } }.sorted {
                ($0.1.lowerBound, $0.0.location.line) < ($1.1.lowerBound, $1.0.location.line)
            }
            var last: (bind: HAProxyConfiguration.Bind, ports: ClosedRange<Int>)?
            for (bind, ports) in sorted {
                if let last, last.ports.overlaps(ports), last.bind.section != bind.section {
                    let (first, second) =
                        last.bind.location.line <= bind.location.line ? (last.bind, bind) : (bind, last.bind)
                    findings.append(
                        node.finding(
                            Self.id, .error, at: second.location,
                            first.text == second.text
                                ? "`\(first.section)` and `\(second.section)` both bind \(second.text)"
                                : "`\(first.section)` binds \(first.text), and `\(second.section)` \(second.text)",
                            effect: "connections reach one or the other at random",
                            fix: "merge the two, or change one port",
                            evidence: [first, second].map { Evidence(at: $0.location, "bind \($0.text)") }))
                }
                if last.map({ $0.ports.upperBound < ports.upperBound }) ?? true { last = (bind, ports) }
            }
        }
        return findings
    }

    /// The address, or what stands for it, and where it is.
    private static func host(_ bind: HAProxyConfiguration.Bind) -> String {
        let namespace = bind.options.value("namespace") ?? ""
        let interface = bind.options.value("interface") ?? ""
        return "\(bind.address.map(String.init(describing:)) ?? bind.endpoint.host) \(namespace) \(interface)"
    }
}

extension HAProxyConfiguration.Bind {
    /// The ports of `80` and `80-89`.
    fileprivate var ports: ClosedRange<Int>? {
        let parts = port.split(separator: "-").map { Int($0) }
        guard let first = parts.first ?? nil, let last = parts.last ?? nil, first <= last, parts.count < 3
        else {
            return nil
        }
        return first...last
    }
}
