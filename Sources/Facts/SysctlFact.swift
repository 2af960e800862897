import Remote

/// The running values of kernel settings, read from /proc/sys; absent ones are left out.
package struct SysctlFact: Fact {
    package static let name = "sysctl"

    package var keys: [String]

    package init(_ keys: [String]) { self.keys = keys }

    package var script: String {
        keys.map { key in
            // In a key, dots separate and slashes stand for dots of an interface's name, as sysctl(8) has it.
            let path = "/proc/sys/" + key.map { $0 == "." ? "/" : $0 == "/" ? "." : String($0) }.joined()
            return "[ -r \(path.shellQuoted) ] && echo \(key.shellQuoted)=\"$(cat \(path.shellQuoted))\""
        }.joined(separator: "\n")
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: String] {
        output.keyedValues.mapValues { $0.split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
    }
}
