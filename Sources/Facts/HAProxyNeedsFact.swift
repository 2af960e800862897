/// What haproxy needs to start according to its configuration and the machine does not have.
package struct HAProxyNeeds: Hashable, Sendable {
    /// Directories that it names and that do not exist.
    package var missingDirectories: Set<String>
    /// The maximum number of files that a process may open (`fs.nr_open`).
    package var mostFiles: Int?

    package init(missingDirectories: Set<String> = [], mostFiles: Int? = nil) {
        self.missingDirectories = missingDirectories
        self.mostFiles = mostFiles
    }
}

package struct HAProxyNeedsFact: Fact {
    package static let name = "haproxy-needs"

    package init() {}

    package let script = #"""
        \#(HAProxyPaths.function)
        haproxy_paths | while read -r kind d; do
          [ "$kind" = chroot ] || d=${d%/*}
          [ -d "${d:-/}" ] || echo "missing=$d"
        done
        echo "nr_open=$(cat /proc/sys/fs/nr_open)"
        """#

    package func parse(_ output: SectionOutput) throws(FactError) -> HAProxyNeeds {
        var needs = HAProxyNeeds()
        for line in output.lines {
            guard let equals = line.firstIndex(of: "=") else { continue }
            let value = String(line[line.index(after: equals)...])
            switch line[..<equals] {
            case "missing": needs.missingDirectories.insert(value)
            case "nr_open": needs.mostFiles = Int(value)
            default: break
            }
        }
        return needs
    }
}
