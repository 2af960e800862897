/// The kernel's check that a packet's source is reached by the interface that it came in by.
package struct ReversePath: Hashable, Sendable {
    /// `rp_filter` by interface; `all` stands for every one.
    package var filter: [String: Int]
    /// The packets that this check has dropped since the boot; `nil` if the kernel does not count them.
    package var dropped: Int?

    package init(filter: [String: Int] = [:], dropped: Int? = nil) {
        self.filter = filter
        self.dropped = dropped
    }

    /// 1 wants the best route to lead back through the interface, 2 any route; the higher of `all`'s and its own counts
    /// (Documentation/networking/ip-sysctl.rst).
    package func filters(on interface: String) -> Int { max(filter["all"] ?? 0, filter[interface] ?? 0) }
}

package struct ReversePathFact: Fact {
    package static let name = "reverse-path"

    package init() {}

    package let script = """
        grep '^TcpExt:' /proc/net/netstat
        cd /proc/sys/net/ipv4/conf && grep . */rp_filter
        """

    package func parse(_ output: SectionOutput) throws(FactError) -> ReversePath {
        var path = ReversePath()
        var names: [Substring]?
        for line in output.lines {
            if line.hasPrefix("TcpExt:") {
                // A line of names, then a line of their values.
                let words = line.split(separator: " ")
                if let index = names?.firstIndex(of: "IPReversePathFilter"), words.indices.contains(index) {
                    path.dropped = Int(words[index])
                } else {
                    names = words
                }
            } else if let slash = line.lastIndex(of: "/"), line[slash...].hasPrefix("/rp_filter:"),
                let value = Int(line[slash...].dropFirst("/rp_filter:".count))
            {
                path.filter[String(line[..<slash])] = value
            }
        }
        return path
    }
}
