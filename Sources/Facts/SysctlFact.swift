import Remote

/// The running values of kernel settings, read from /proc/sys; missing ones are omitted.
package struct SysctlFact: Fact {
    package static let name = "sysctl"

    package var keys: [String]

    /// Patterns of files whose network settings are read too.
    package var files: [String]

    package init(_ keys: [String], andThoseOf files: [String] = []) {
        self.keys = keys
        self.files = files
    }

    package var script: String {
        let asked = keys.map { key in
            // In a key, dots are separators and slashes stand for dots in an interface's name, as in sysctl(8).
            let path = "/proc/sys/" + key.map { $0 == "." ? "/" : $0 == "/" ? "." : String($0) }.joined()
            // A shell's `read` takes one byte at a time, and the kernel gives these files in one piece only.
            return "[ -r \(path.shellQuoted) ] && echo \(key.shellQuoted)=\"$(cat \(path.shellQuoted))\""
        }
        return (asked + (files.isEmpty ? [] : [askedByFiles])).joined(separator: "\n")
    }

    /// The number of keys is limited, and they never leave /proc/sys. Patterns of keys are ignored.
    private var askedByFiles: String {
        """
        for f in \(files.joined(separator: " ")); do [ -f "$f" ] && { cat "$f"; echo; }; done |
        sed -n 's/^[[:blank:]]*-\\{0,1\\}\\(net[./][^=*[:blank:]]*\\)[[:blank:]]*=.*/\\1/p' | sort -u | head -n 400 |
        while read -r key; do
          case $key in
            net/*.*) continue;;
            net/*) path=$key; key=$(printf %s "$key" | tr / .);;
            *) path=$(printf %s "$key" | tr ./ /.);;
          esac
          case $path in *..*) continue;; esac
          [ -f "/proc/sys/$path" ] && [ -r "/proc/sys/$path" ] &&
            printf '%s=%s\\n' "$key" "$(cat "/proc/sys/$path")"
        done
        """
    }

    package func parse(_ output: SectionOutput) throws(FactError) -> [String: String] {
        output.keyedValues.mapValues { $0.split { $0 == " " || $0 == "\t" }.joined(separator: " ") }
    }
}
